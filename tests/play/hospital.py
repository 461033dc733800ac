"""A small hospital, a task over it, and a stage to play it on."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from taskkit.play.stage import Stage
from taskkit.spec.task import TaskSpec
from tests.play.fake_sandbox import FakeBackend

ROWS: dict[str, tuple[str, list[tuple[Any, ...]]]] = {
    "patients": (
        "subject_id INTEGER PRIMARY KEY, gender TEXT NOT NULL, dob TIMESTAMP(0) NOT NULL",
        [(1, "f", "2050-03-01 00:00:00"), (2, "m", "2061-07-09 00:00:00"),
         (3, "f", "2033-01-31 00:00:00")],
    ),
    "admissions": (
        "row_id INTEGER PRIMARY KEY, subject_id INTEGER REFERENCES patients(subject_id), "
        "hadm_id INTEGER, admittime TEXT, insurance TEXT, age REAL",
        [(1, 1, 11, "2100-01-01 10:00:00", "medicare", 50.5),
         (2, 2, 12, "2100-02-01 11:30:00", "private", 39.0),
         (3, 2, 13, "2100-03-01 12:45:00", "private", 39.0)],
    ),
    "prescriptions": (
        "row_id INTEGER PRIMARY KEY, subject_id INTEGER, drug TEXT, dose REAL",
        [(1, 1, "aspirin", 81.0), (2, 1, "acetaminophen", 650.0), (3, 2, "insulin glargine", 10.0),
         (4, 3, "aspirin ec", 81.0), (5, 3, "d5w", 1000.0)],
    ),
}  # fmt: skip


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "hospital.sqlite"
    with sqlite3.connect(path) as connection:
        for table, (columns, rows) in ROWS.items():
            connection.execute(f"CREATE TABLE {table} ({columns})")
            places = ", ".join("?" * len(rows[0]))
            connection.executemany(f"INSERT INTO {table} VALUES ({places})", rows)
    connection.close()
    return path


@pytest.fixture(scope="session")
def sha256(database: Path) -> str:
    return hashlib.sha256(database.read_bytes()).hexdigest()


def task(sha256: str, **changes: Any) -> TaskSpec:
    """Make the task 'how many women are there', changed as told."""
    document: dict[str, Any] = {
        "schema": "taskkit/task/1",
        "id": "hospital-1",
        "domain": "hospital",
        "category": "count",
        "split": "train",
        "instruction": "How many women are there? Answer with one whole number.",
        "answer": {"kind": "integer"},
        "environment": {
            "image": "plain",
            "assets": [{"name": "hospital.sqlite", "sha256": sha256}],
            "database": "hospital.sqlite",
        },
        "oracle": {"kind": "exact", "expected": 2},
        "reference": {
            "steps": [
                {
                    "action": "code_execution",
                    "language": "sql",
                    "code": "SELECT count(*) FROM patients WHERE gender = 'f'",
                    "submit": True,
                }
            ]
        },
        "provenance": {
            "source": "test",
            "record": "1",
            "record_sha256": "0" * 64,
            "licence": "CC0-1.0",
            "access": "open",
            "builder": "test 1",
        },
    }
    return TaskSpec.model_validate(document | changes)


@pytest.fixture
def spec(sha256: str) -> TaskSpec:
    return task(sha256)


@pytest.fixture
def backend() -> FakeBackend:
    return FakeBackend()


@pytest.fixture
def stage(database: Path, backend: FakeBackend, tmp_path: Path) -> Iterator[Stage]:
    with Stage(backend, lambda _: database, lambda sha: f"text of {sha}", tmp_path) as made:
        yield made
