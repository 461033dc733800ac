"""Domains that draw their own patients give other databases to compare queries on."""

from __future__ import annotations

import multiprocessing
import sqlite3
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from taskkit.errors import SourceError
from taskkit.spec.task import TaskSpec
from taskkit.sql.populations import SEEDS, _digest, populations
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
    monkeypatch.setattr("taskkit.sql.populations.PATIENTS", 3)
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


def test_a_change_of_the_hospital_or_of_its_domain_draws_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit, folder = tmp_path / "kit", tmp_path / "domain"
    for root in (kit, folder):
        root.mkdir()
        (root / "table.yaml").write_text("mean: 1")
    monkeypatch.setattr("taskkit.sql.populations.ehr.__file__", f"{kit}/__init__.py")
    digests = [_digest(folder, Slow(tmp_path))]
    for root in (kit, folder):
        (root / "table.yaml").write_text("mean: 2")
        digests.append(_digest(folder, Slow(tmp_path)))
    assert len(set(digests)) == 3


class Slow:
    """A builder of a toy, that says when it draws and takes its time."""

    def __init__(self, log: Path) -> None:
        self._log = log

    def populate(self, folder: Path, target: Path, *, patients: int, seed: int) -> None:
        with self._log.open("a") as log:
            log.write(f"{seed}\n")
        time.sleep(0.3)
        with sqlite3.connect(target) as connection:
            connection.execute("create table patients (subject_id integer)")
            connection.execute("insert into patients values (?)", (seed,))
        connection.close()


def known(builder: object, monkeypatch: pytest.MonkeyPatch, folder: Path) -> TaskSpec:
    """Make a builder that of domain `toy`, and give a task of it."""
    folder.mkdir()
    toy = SimpleNamespace(folder=folder, builder=lambda: builder)
    monkeypatch.setattr("taskkit.sql.populations.domains", lambda: {"toy": toy})
    return spec("toy", "Synthetic toy, 3 patients, seed 0")


def test_each_is_drawn_once_though_two_want_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = known(Slow(tmp_path / "log"), monkeypatch, tmp_path / "toy")
    context = multiprocessing.get_context("fork")
    both = [context.Process(target=populations, args=(asked, tmp_path)) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join(60)
    assert [process.exitcode for process in both] == [0, 0]
    assert (tmp_path / "log").read_text().split() == [str(seed) for seed in SEEDS]
    assert [people(path) for path in populations(asked, tmp_path)] == [{seed} for seed in SEEDS]


def test_what_a_killed_process_began_is_drawn_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = known(Slow(tmp_path / "log"), monkeypatch, tmp_path / "toy")
    made = populations(asked, tmp_path)
    made[1].rename(made[1].with_suffix(".drawn"))
    assert [people(path) for path in populations(asked, tmp_path)] == [{seed} for seed in SEEDS]
    assert not list(made[0].parent.glob("*.drawn"))


def test_a_builder_that_fails_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(Slow):
        def populate(self, folder: Path, target: Path, *, patients: int, seed: int) -> None:
            raise ValueError("no wards")

    asked = known(Broken(tmp_path / "log"), monkeypatch, tmp_path / "toy")
    with pytest.raises(SourceError, match=r"toy: other patients .* ValueError: no wards"):
        populations(asked, tmp_path)


def test_a_cache_that_cannot_be_written_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = known(Slow(tmp_path / "log"), monkeypatch, tmp_path / "toy")
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(SourceError, match=r"could not be drawn in .*cache"):
        populations(asked, tmp_path / "cache")
