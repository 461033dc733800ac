"""Findings are kept as they come, one row an instance."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from taskkit.errors import UsageError
from taskkit.verify.results import Result, Results, read_results

ONE = Result(
    id="toy-1",
    file="tasks/train/total/toy-1.yaml",
    sha256="0" * 64,
    domain="toy",
    split="train",
    category="total",
    code="proved",
    detail="",
    repeats=2,
    answer="a",
    wall_s=0.5,
    program_s=0.25,
    sandbox="namespace",
    version="1",
)


def test_the_last_finding_on_an_instance_stands(tmp_path: Path) -> None:
    results = Results(tmp_path / "verify.sqlite")
    results.put(replace(ONE, code="unstable"))
    results.put(ONE)
    results.close()
    assert list(read_results(tmp_path / "verify.sqlite")) == [ONE]


@pytest.mark.parametrize(
    ("change", "known"),
    [
        ({}, True),
        ({"code": "reference_wrong"}, True),
        ({"sandbox": "docker"}, False),
        ({"version": "2"}, False),
        ({"repeats": 1}, False),
        ({"repeats": 3}, True),
        ({"code": "sandbox_failed"}, False),
    ],
    ids=lambda value: str(value),
)
def test_only_a_finding_of_the_same_kind_need_not_be_made_again(
    tmp_path: Path, change: dict[str, str], known: bool
) -> None:
    results = Results(tmp_path / "verify.sqlite")
    results.put(replace(ONE, **change))  # type: ignore[arg-type]
    assert bool(results.current("namespace", "1", 2)) is known
    results.close()


def test_two_runs_at_once_are_refused(tmp_path: Path) -> None:
    first = Results(tmp_path / "verify.sqlite")
    with pytest.raises(UsageError, match="another run is writing it"):
        Results(tmp_path / "verify.sqlite")
    first.close()


def test_a_corrupt_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "verify.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(UsageError, match=r"verify\.sqlite: no results file"):
        Results(tmp_path / "verify.sqlite")


def test_no_results_say_how_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="run `taskkit verify` first"):
        list(read_results(tmp_path / "absent.sqlite"))
