"""A clinical database more costs a manifest, a schema, a recipe, a bank and little Python."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from taskkit.build.domain import Domain, domain
from taskkit.build.driver import Built, Order, run
from taskkit.build.protocol import Request
from taskkit.errors import SourceError, SpecError, UsageError
from taskkit.sql.separation import PatientColumn
from taskkit.taskset.folder import Taskset
from taskkit.taskset.validate import validate
from taskkit.testing import check_domain

CLINICS = Path(__file__).parents[1] / "fixtures" / "clinics"
DIALYSIS = CLINICS / "dialysis"
MOST_LINES = {".py": 75, ".yaml": 45, ".sql": 15, ".md": 5}
SESSIONS = """patient,began,minutes,litres
7,2105-03-01 08:00:00,240,2.5
7,2105-03-04 08:10:00,200,1.5
7,2105-03-07 07:55:00,230,2
8,2105-03-02 09:00:00,180,3
"""


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    folder = tmp_path / "unit"
    folder.mkdir()
    people = "patient,sex,born\n7,f,2040-05-01\n8,m,2051-11-30\n"
    (folder / "patient.csv").write_text(people)
    (folder / "session.csv").write_text(SESSIONS)
    return folder


def build(out: Path, source: Path | None = None, questions: Path | None = None) -> Built:
    found = domain("dialysis", (CLINICS,))
    few = {} if source and source.is_file() else {"patients": 60}
    options = found.builder().Options(**few)
    return run(Order(found, options, out, source=source, questions=questions, limit=40))


def test_its_parts_are_few_lines() -> None:
    lines = {
        suffix: sum(len(path.read_text().splitlines()) for path in DIALYSIS.rglob(f"*{suffix}"))
        for suffix in MOST_LINES
    }
    assert {suffix: n for suffix, n in lines.items() if n > MOST_LINES[suffix]} == {}


def test_csv_tables_give_the_answers_that_they_hold(tmp_path: Path, tables: Path) -> None:
    build(tmp_path / "set", tables)
    specs = list(Taskset(tmp_path / "set").specs())
    expected = {one.provenance.record: one.oracle.model_dump()["expected"] for one in specs}
    assert expected == {
        "fluid-removed patient='7'": 6.0,
        "longest-session one='1' patient='7'": [["2105-03-01 08:00:00", 240]],
    }
    assert {one.provenance.access for one in specs} == {"credentialed"}
    assert validate(tmp_path / "set", jobs=1).findings == []


def test_the_synthetic_unit_gives_what_is_asked_for(tmp_path: Path) -> None:
    built = build(tmp_path / "set")
    assert built.counts.total == 40
    assert validate(tmp_path / "set", jobs=1).findings == []


def test_an_exhausted_source_is_told(tmp_path: Path) -> None:
    found = domain("dialysis", (CLINICS,))
    order = Order(found, found.builder().Options(patients=20), tmp_path / "set", limit=400)
    built = run(order)
    patients = built.counts.by_category["session"] // 2
    assert patients <= 20
    (note,) = built.notes
    assert note.startswith(f"400 tasks asked for, {built.counts.total} made: the source is exh")


def test_a_sqlite_file_in_the_schema_is_taken(tmp_path: Path) -> None:
    build(tmp_path / "set")
    (stored,) = (tmp_path / "set" / "assets").iterdir()
    again = build(tmp_path / "again", stored)
    assert again.counts.total == 40


def test_what_is_wrong_is_told(tmp_path: Path, tables: Path) -> None:
    (tables / "session.csv").write_text(SESSIONS.replace("240", "long"))
    with pytest.raises(SourceError, match=r"session\.csv:2: column 'minutes'"):
        build(tmp_path / "set", tables)
    with pytest.raises(UsageError, match="no published form is known"):
        build(tmp_path / "set", questions=tables)


@pytest.mark.slow
def test_every_task_is_proved_by_the_command_line(tmp_path: Path, tables: Path) -> None:
    def taskkit(*words: str | Path) -> dict[str, object]:
        done = subprocess.run(
            [sys.executable, "-m", "taskkit", *map(str, words), "--json"],
            env={**os.environ, "TASKKIT_DOMAINS": str(CLINICS)},
            cwd=tmp_path, capture_output=True, text=True, check=True,
        )  # fmt: skip
        found: dict[str, object] = json.loads(done.stdout)
        return found

    taskkit("build", "dialysis", "--patients", "60", "--count", "40")
    unguarded = ("--sandbox", "subprocess", "--unsafe", "-k", "1")
    summary = taskkit("verify", "tasks/dialysis", *unguarded, "--cross-check", "duckdb")
    assert summary["codes"] == {"verified": 40}
    assert summary["cross_check"] == {
        "engine": "duckdb", "codes": {"agrees": 40}, "untranslated": {}, "stopped": "",
        "findings": [],
    }  # fmt: skip


@pytest.mark.slow
def test_the_domain_keeps_the_contract_of_all(tmp_path: Path) -> None:
    check_domain(CLINICS / "dialysis", tmp_path, count=40)


def test_a_builder_that_misplaces_its_patients_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Domain.read(CLINICS / "dialysis")
    builder = found.builder()
    monkeypatch.setattr(type(builder), "patients", PatientColumn("patients", "subject_id"))
    request = Request(found.folder, builder.Options(), tmp_path, limit=5)
    with pytest.raises(SpecError, match=r"patients: .*: no such column in dialysis\.sqlite: need"):
        builder.prepare(request)
