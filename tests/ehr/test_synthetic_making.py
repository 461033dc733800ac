"""The synthetic hospital is made for any number of patients, alike each time; mistakes are told."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tracemalloc
from hashlib import sha256
from pathlib import Path

import pytest

from taskkit.ehr.rendering.mimic_iii import generate
from taskkit.ehr.rendering.vocabulary import read_vocabulary
from taskkit.ehr.tables.database import check_schema
from taskkit.errors import SourceError, UsageError
from tests.ehr.test_synthetic import DOMAIN, rows


def digest(path: Path, hash_seed: str, patients: int, seed: int = 3) -> str:
    program = (
        "import sys; from pathlib import Path;"
        "from taskkit.ehr.rendering.mimic_iii import generate;"
        "generate(Path(sys.argv[1]), domain=Path(sys.argv[2]), patients=int(sys.argv[3]),"
        " seed=int(sys.argv[4]))"
    )
    subprocess.run(
        [sys.executable, "-c", program, str(path), str(DOMAIN), str(patients), str(seed)],
        check=True,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
    )
    return sha256(path.read_bytes()).hexdigest()


def test_same_seed_gives_the_same_bytes_whatever_the_hash_seed(tmp_path: Path) -> None:
    once = digest(tmp_path / "a.sqlite", "1", 20)
    assert digest(tmp_path / "b.sqlite", "2", 20) == once
    assert digest(tmp_path / "c.sqlite", "2", 20, seed=4) != once


def test_more_patients_leave_the_earlier_as_they_are(tmp_path: Path) -> None:
    found = []
    for count in (5, 12):
        path = tmp_path / f"{count}.sqlite"
        generate(path, domain=DOMAIN, patients=count)
        found.append(rows(sqlite3.connect(path), "select * from labevents order by row_id"))
    few, many = found
    assert len(few) > 100
    assert many[: len(few)] == few


@pytest.mark.parametrize("patients", [1, 2, 10])
def test_few_patients_work(tmp_path: Path, patients: int) -> None:
    path = tmp_path / "few.sqlite"
    seen: list[tuple[str, int, int | None]] = []
    origin = generate(
        path, domain=DOMAIN, patients=patients, progress=lambda *step: seen.append(step)
    )
    check_schema(path, (DOMAIN / "schema.sql").read_text("utf-8"))
    database = sqlite3.connect(path)
    assert rows(database, "select count(*) from patients") == [(patients,)]
    assert rows(database, "pragma foreign_key_check") == []
    assert origin.name == f"Synthetic MIMIC-III, {patients} patients, seed 0"
    assert origin.access == "open"
    assert seen == [("synthetic patients", patients, patients)]


@pytest.mark.parametrize("patients", [0, -1, 100_001])
def test_impossible_counts_are_refused(tmp_path: Path, patients: int) -> None:
    with pytest.raises(UsageError, match=rf"^patients: {patients}: need 1 to 100000$"):
        generate(tmp_path / "none.sqlite", domain=DOMAIN, patients=patients)
    assert list(tmp_path.iterdir()) == []


def test_a_domain_without_vocabulary_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"labs\.tsv: No such file or directory: need this"):
        generate(tmp_path / "none.sqlite", domain=tmp_path)


def test_a_broken_vocabulary_line_is_named(tmp_path: Path) -> None:
    for file in (DOMAIN / "vocabulary").iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    path = tmp_path / "wards.tsv"
    path.write_text(path.read_text("utf-8").replace("15\tmicu", "fifteen\tmicu"), "utf-8")
    with pytest.raises(SourceError, match=r"wards\.tsv:3: ValueError: .*'fifteen'"):
        read_vocabulary(tmp_path)


@pytest.mark.slow
def test_memory_does_not_grow_with_the_count(tmp_path: Path) -> None:
    peaks = []
    for count in (200, 600):
        tracemalloc.start()
        generate(tmp_path / "memory.sqlite", domain=DOMAIN, patients=count)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.3 * peaks[0]
