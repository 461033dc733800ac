"""Domains that draw their own patients give other databases to compare queries on."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from taskkit.build.variants import SEEDS, populations
from taskkit.spec.task import TaskSpec
from tests.spec.example import task


def spec(domain: str, source: str) -> TaskSpec:
    made = task()
    origin = made.provenance.model_copy(update={"source": source})
    return made.model_copy(update={"domain": domain, "provenance": origin})


def people(path: Path) -> set[int]:
    connection = sqlite3.connect(path)
    found = {row[0] for row in connection.execute("select subject_id from patients")}
    connection.close()
    return found


def test_each_is_drawn_once_and_holds_other_patients(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("taskkit.build.variants.PATIENTS", 3)
    asked = spec("mimic", "Synthetic MIMIC-III, 1000 patients, seed 0")
    made = populations(asked, tmp_path)
    assert len(made) == len(SEEDS)
    found = [people(path) for path in made]
    assert [len(one) for one in found] == [3, 3, 3]
    assert len(set().union(*found)) > 3
    times = [path.stat().st_mtime_ns for path in made]
    assert [path.stat().st_mtime_ns for path in populations(asked, tmp_path)] == times


def test_rows_that_nobody_drew_have_none(tmp_path: Path) -> None:
    assert populations(spec("mimic", "MIMIC-III Clinical Database Demo 1.4"), tmp_path) == []
    assert populations(spec("nowhere", "Synthetic, 3 patients"), tmp_path) == []
    assert populations(spec("medcalc", "Synthetic notes"), tmp_path) == []
