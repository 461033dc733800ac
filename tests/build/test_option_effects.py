"""No option of a shipped builder is ignored: it is read where it counts, and refused elsewhere."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from taskkit.build.counting import Situation, require_counted, rule_of, situations
from taskkit.build.domain import domain, domains, shipped
from taskkit.build.protocol import Request
from taskkit.errors import UsageError
from taskkit.sql.clinical import ClinicalBuilder
from tests.ehr.small_eicu import eicu, write_eicu
from tests.ehr.small_release import mimic_iii, mimic_iv, write

SHIPPED = sorted(name for name, one in domains().items() if one.folder.parent == shipped())
DRAWING = ("medcalc", "npower", "biocoder", "fhir")
CLINICAL = ("mimic", "mimic-iv", "eicu", "treqs")
FEW = {"patients": 20}
ALL_STAYS = {"stay_percentile": None}  # of a handful of stays a percentile leaves none
LATER = {"reground", "guessable", "current_time", "shuffle_values", "sift", "split", "seed"}
"""Read once the database is made, or whatever the source is."""
FOLDERS: dict[str, Callable[[Path], Path]] = {
    "mimic": lambda folder: write(folder, mimic_iii()),
    "mimic-iv": lambda folder: write(folder, mimic_iv()),
    "eicu": lambda folder: write_eicu(folder, eicu()),
}


def recording(model: type[BaseModel]) -> tuple[type[BaseModel], set[str]]:
    """Give the options with a record of which of them were read."""
    read: set[str] = set()

    class Recording(model):  # type: ignore[misc, valid-type]
        def __getattribute__(self, name: str) -> Any:
            if name in model.model_fields:
                read.add(name)
            return super().__getattribute__(name)

    return Recording, read


def by_rule(model: type[BaseModel], now: set[Situation]) -> tuple[set[str], set[str]]:
    """Give the options that count, and those that do not."""
    rules = {name: rule_of(field) for name, field in model.model_fields.items()}
    held = {name: rule for name, rule in rules.items() if rule and name not in LATER}
    counting = {name for name, rule in held.items() if now & set(rule.where)}
    return counting, held.keys() - counting


@pytest.mark.parametrize("name", DRAWING)
def test_a_build_from_the_embedded_source_reads_what_counts_there(
    name: str, tmp_path: Path
) -> None:
    builder = domain(name).builder()
    model, read = recording(builder.Options)
    few = FEW if "patients" in model.model_fields else {}
    request = Request(folder=domain(name).folder, options=model(**few), workdir=tmp_path, limit=3)
    read.clear()
    builder.prepare(request)
    counting, ignored = by_rule(builder.Options, {"embedded"})
    assert counting <= read
    assert not ignored & read


@pytest.mark.parametrize(
    ("name", "situation"),
    [*((name, "embedded") for name in CLINICAL), *((name, "folder") for name in FOLDERS)],
)
def test_a_database_is_made_by_what_counts_for_its_source(
    name: str, situation: Situation, tmp_path: Path
) -> None:
    builder = domain(name).builder()
    assert isinstance(builder, ClinicalBuilder)
    model, read = recording(builder.Options)
    (tmp_path / "work").mkdir()
    source = FOLDERS[name](tmp_path / "source") if situation == "folder" else None
    few: dict[str, Any] = FEW | ALL_STAYS if name == "eicu" and source else FEW
    request = Request(
        folder=domain(name).folder, options=model(**few), workdir=tmp_path / "work", source=source
    )
    assert situation in situations(request)
    read.clear()
    builder.make_database(request, tmp_path / "work" / "made.sqlite")
    counting, ignored = by_rule(builder.Options, {situation})
    assert counting <= read
    assert not ignored & read
    if situation == "embedded":
        copy = replace(request, source=tmp_path / "work" / "made.sqlite")
        read.clear()
        builder.make_database(copy, tmp_path / "work" / "again.sqlite")
        assert by_rule(builder.Options, {"file"})[0] <= read
        assert not by_rule(builder.Options, {"file"})[1] & read


@pytest.mark.parametrize("name", SHIPPED)
def test_what_does_not_count_is_refused_and_what_counts_is_taken(name: str, tmp_path: Path) -> None:
    builder = domain(name).builder()
    for option, field in builder.Options.model_fields.items():
        rule = rule_of(field)
        if rule is None:
            continue
        changed = builder.Options.model_construct(None, **{option: "another"})
        request = Request(folder=domain(name).folder, options=changed, workdir=tmp_path)
        require_counted(request, set(rule.where))
        with pytest.raises(UsageError, match=f"^--{option.replace('_', '-')} another: need "):
            require_counted(request, set())
        if rule.drawn:
            with pytest.raises(UsageError, match="--count says how many: need one"):
                require_counted(replace(request, limit=3), set(rule.where))


def test_that_nothing_be_done_is_taken_where_nothing_is(tmp_path: Path) -> None:
    builder = domain("mimic").builder()
    kept = {"patients": None, "shift_times": False, "stay_percentile": None}
    options = builder.Options.model_construct(None, **kept)
    require_counted(Request(folder=tmp_path, options=options, workdir=tmp_path), {"file"})


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("medcalc --per-calculator 5 --count 20", "--per-calculator 5: --count says how many"),
        ("medcalc --trust-labels", "--trust-labels: need a file as --source or a folder"),
        ("medcalc --source FILE --per-calculator 5", "5: need the embedded source"),
        ("mimic --current-ratio 0.5", "--current-ratio 0.5: need a folder as --source"),
        ("mimic --span-years 3", "--span-years 3: need a folder as --source"),
        ("mimic --source FILE --patients 50", "--patients 50: need the embedded source"),
        ("mimic --declared-open", "--declared-open: need a file as --source"),
        ("ehrcon --only FILE", "need --questions: it would change nothing here"),
        ("fhir --refresh", "--refresh: need a server as --source"),
        ("ehrshot --source . --patients 300", "--patients 300: need the embedded source"),
    ],
)
def test_the_command_says_which_option_changes_nothing(
    words: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("a file")
    command = [sys.executable, "-m", "taskkit", "build", *words.replace("FILE", "file").split()]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 2
    assert message in done.stderr
    assert not (tmp_path / "tasks").exists() or not list((tmp_path / "tasks").glob("*"))
