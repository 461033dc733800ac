"""Every mistake that an author can make is one error, which docs/domains.md shows as it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from taskkit.build.domain import Domain
from taskkit.build.driver import Built, Order, run
from taskkit.errors import TaskkitError
from taskkit.plugin import PATIENCE
from tests.build import mistakes
from tests.build.mistakes import CHANGES, FOLDERS, Mistake, documented
from tests.build.plugins import MOODS

KINDS = [*FOLDERS, *(one.what for one in CHANGES), *MOODS.values()]


@pytest.fixture(autouse=True)
def in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PATIENCE, "2")


def built(home: Path, out: Path) -> Built:
    read = Domain.read(home)
    return run(Order(read, read.builder().Options(), out, limit=5))


@pytest.mark.parametrize("what", FOLDERS)
def test_a_folder_that_is_no_domain_is_told_as_documented(what: str, tmp_path: Path) -> None:
    make: Callable[[Path], str] = FOLDERS[what]
    assert make(tmp_path) == documented()[what]


@pytest.mark.parametrize("mistake", CHANGES, ids=lambda one: one.what)
def test_a_mistake_is_told_as_documented_and_leaves_no_set(
    mistake: Mistake, tmp_path: Path
) -> None:
    said = mistakes.message(mistake, tmp_path)
    assert said == documented()[mistake.what]
    assert "Traceback" not in said


def test_the_page_has_every_kind_once_and_no_other() -> None:
    assert sorted(documented()) == sorted(KINDS)
    assert len(set(KINDS)) == len(KINDS) > 100


def test_a_set_that_stands_is_not_replaced_by_an_empty_one(tmp_path: Path) -> None:
    home = Mistake("none", "builder", "", "").home(tmp_path)
    out = tmp_path / "out"
    built(home, out)
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    text = (home / "builder.py").read_text("utf-8")
    (home / "builder.py").write_text(text.replace("if total == given[0][1]:", "if True:"))
    with pytest.raises(TaskkitError, match=r"\d+ records, no task \(.*\): .* stays as it was"):
        built(home, out)
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


def test_a_set_with_files_changed_by_hand_is_replaced_only_by_force(tmp_path: Path) -> None:
    home = Mistake("none", "builder", "", "").home(tmp_path)
    out = tmp_path / "out"
    built(home, out)
    edited = min(out.glob("tasks/*/*/*.yaml"))
    whole = edited.read_text("utf-8")
    edited.write_text(f"{whole}# mine\n", "utf-8")
    with pytest.raises(TaskkitError, match=rf"{edited.name}: changed by hand .* give --force"):
        built(home, out)
    assert edited.read_text("utf-8") == f"{whole}# mine\n"
    read = Domain.read(home)
    run(Order(read, read.builder().Options(), out, limit=5, force=True))
    assert edited.read_text("utf-8") == whole
    built(home, out)


def test_a_template_that_gave_no_question_is_told_and_counted(tmp_path: Path) -> None:
    change = Mistake("a", "template", "sum(litres), 1) from", "sum(litres) * 0, 1) from")
    made = built(change.home(tmp_path), tmp_path / "out")
    assert "1 of 2 templates gave no question: fluid-removed (degenerate_answer)" in made.notes
    assert made.counts.total == 5
    assert made.rejected["degenerate_answer"] == 1


def test_a_unit_that_gave_no_task_is_told(tmp_path: Path) -> None:
    units = "Unit(str(number), number) for number in range(SPARE * wanted)"
    more = f'*[{units}], Unit("poor", "poor")'
    home = Mistake("a", "builder", f"[{units}]", f"[{more}]").home(tmp_path)
    text = (home / "builder.py").read_text("utf-8")
    line = "extra = preparation.extra\n        chance"
    poor = (
        'if unit.name == "poor":\n            for n in range(6):\n                '
        'yield Rejection(f"p{n}", "missing_value", "no dose")\n            return\n        '
    )
    (home / "builder.py").write_text(text.replace(line, poor + line), "utf-8")
    told = "poor: no task of 6 records: 6 missing_value, such as no dose"
    assert told in built(home, tmp_path / "out").notes


def test_what_a_builder_prints_is_no_part_of_the_output(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    line = "extra = preparation.extra\n        chance"
    home = Mistake("a", "builder", line, f"print('hello')\n        {line}").home(tmp_path)
    built(home, tmp_path / "out")
    assert capfd.readouterr().out == ""
