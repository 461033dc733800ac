"""Of the mistakes that agents make, each is explained by its cause, and none falsely."""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from taskkit.play.guide import Failure
from taskkit.play.stage import Stage
from taskkit.sandbox.protocol import Program
from taskkit.sql.guide.database import DatabaseGuide
from taskkit.sql.guide.guide import Guide
from tests.play.fake_sandbox import FakeBackend
from tests.play.hospital import task
from tests.play.mistakes import MISTAKES, STALE, Mistake

SCHEMA = """
CREATE TABLE patients (row_id INTEGER, subject_id INTEGER, gender TEXT, dob TEXT);
CREATE TABLE admissions (row_id INTEGER, subject_id INTEGER, hadm_id INTEGER, stay INTEGER,
    admittime TEXT, dischtime TEXT, insurance TEXT, age REAL);
CREATE TABLE prescriptions (row_id INTEGER, subject_id INTEGER, drug TEXT, dose_val_rx TEXT);
CREATE TABLE d_labitems (row_id INTEGER, itemid INTEGER, label TEXT);
CREATE TABLE d_items (row_id INTEGER, itemid INTEGER, label TEXT);
CREATE TABLE labevents (row_id INTEGER, subject_id INTEGER, itemid INTEGER, value REAL);
INSERT INTO patients VALUES (1, 1, 'f', '2050-03-01'), (2, 2, 'm', '2061-07-09'),
    (3, 3, 'f', '2033-01-31');
INSERT INTO admissions VALUES
    (1, 1, 11, 1, '2100-01-01 10:00:00', '2100-01-04 10:00:00', 'medicare', 50.5),
    (2, 2, 12, 2, '2100-02-01 11:30:00', '2100-02-03 10:00:00', 'private', 39.0),
    (3, 2, 13, NULL, '2100-03-01 12:45:00', NULL, 'private', 39.0);
INSERT INTO prescriptions VALUES (1, 1, 'aspirin', '81'), (2, 3, 'aspirin ec', '81'),
    (3, 2, 'insulin glargine', '5000');
INSERT INTO d_labitems VALUES (1, 50809, 'glucose'), (2, 50931, 'glucose'),
    (3, 51288, 'sedimentation rate');
INSERT INTO d_labitems SELECT row_id + 10 * n, itemid + n, label || ' ' || n FROM d_labitems,
    (SELECT 1 AS n UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6);
INSERT INTO d_items VALUES (1, 211, 'heart rate');
INSERT INTO labevents VALUES (101, 1, 50809, 90.0), (102, 2, 50931, 180.0);
"""


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("mistakes") / "hospital.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript(SCHEMA)
    connection.close()
    return path


@pytest.fixture(scope="module")
def stage(database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    cache = tmp_path_factory.mktemp("cache")
    with Stage(FakeBackend(), lambda _: database, lambda sha: sha, cache) as made:
        yield made


def explained(stage: Stage, database: Path, mistake: Mistake) -> str:
    """Make a mistake after another error, which is then a stale one; ask what is wrong."""
    sha256 = hashlib.sha256(database.read_bytes()).hexdigest()
    environment = {
        "image": "sql",
        "assets": [{"name": "hospital.sqlite", "sha256": sha256}],
        "database": "hospital.sqlite",
    }
    run: dict[str, Any] = {"action": "code_execution", "language": mistake.language}
    if mistake.language == "shell":
        run = {"action": "terminal", "command": mistake.code}
    else:
        run["code"] = mistake.code
    spec = task(sha256, environment=environment, max_submissions=3)
    with stage.episode(spec) as episode:
        stale = {"action": "code_execution", "language": "sql", "code": "SELECT * FROM zebra"}
        episode.step(stale)
        episode.step(run | {"submit": mistake.submit})
        return episode.step({"action": "debugging"}).text


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda one: f"{one.language}: {one.name}")
def test_a_mistake_is_explained_by_its_cause(
    stage: Stage, database: Path, mistake: Mistake
) -> None:
    text = explained(stage, database, mistake)
    assert [part for part in mistake.says if part not in text] == [], text
    assert [part for part in (*mistake.never, *STALE, "zebra") if part in text] == [], text


def test_there_are_mistakes_enough() -> None:
    assert len(MISTAKES) >= 45


@pytest.mark.parametrize(
    "code",
    [
        "SELECT count(*) FROM patients WHERE gender = 'f'",
        "SELECT julianday(dischtime) - julianday(admittime) FROM admissions WHERE stay = 1",
        "SELECT subject_id, max(age) FROM admissions",
        "SELECT gender, count(*) FROM patients GROUP BY gender",
        "SELECT strftime('%J', dischtime) - strftime('%J', admittime) > 2 FROM admissions",
        "SELECT a.age FROM admissions a JOIN admissions b ON a.row_id = b.row_id",
        "SELECT count(*) FROM patients WHERE subject_id NOT IN (SELECT subject_id FROM admissions)",
        "SELECT subject_id, age, avg(age) OVER () FROM admissions",
        "SELECT * FROM labevents WHERE itemid = (SELECT itemid FROM d_items)",
        "SELECT * FROM prescriptions WHERE drug LIKE 'aspirin'",
        "SELECT \"gender\" FROM patients",
        "SELECT count(*) AS \"n\" FROM patients ORDER BY \"n\"",
        "SELECT 1.0 * count(*) / 2 FROM patients",
        "SELECT age FROM admissions WHERE age BETWEEN 40 AND 60",
    ],
)  # fmt: skip
def test_a_sound_query_is_not_spoken_ill_of(stage: Stage, database: Path, code: str) -> None:
    text = explained(stage, database, Mistake("sound", "sql", code, ()))
    if "gave no rows" in text:
        assert "Together the conditions keep no row" in text
    else:
        assert text.startswith("The last program ended well"), text


@pytest.mark.parametrize(
    "code",
    [
        "SELECT 1 WHERE "
        + " OR ".join(["1 = (SELECT count(*) FROM labevents a, labevents b, labevents c)"] * 200),
        "SELECT 1 WHERE " + " OR ".join(["1 NOT IN (SELECT printf('%.*c', 900000000, 'x'))"] * 200),
        "SELECT age FROM admissions WHERE age = "
        "(SELECT 7 FROM labevents WHERE length(printf('%.*c', 900000000, itemid)) = 1)",
        "SELECT age FROM admissions WHERE age = (SELECT 7 FROM labevents WHERE instr("
        "replace(hex(zeroblob(49000)), '0', 'a'),"
        " replace(hex(zeroblob(24000)), '0', 'a') || itemid) = 7)",
        "SELECT " + "(" * 400 + "1" + ")" * 400,
        "SELECT 1 FROM d_items WHERE " + " OR ".join([f"label LIKE '{'a' * 90}'"] * 150),
        "SELECT count(*) FROM patients WHERE gender IN (" + ",".join(["'x'"] * 4000) + ")",
    ],
    ids=["joins", "large values", "repeats", "calls", "deep", "patterns", "literals"],
)
def test_no_query_keeps_the_host_busy(guide: DatabaseGuide, code: str) -> None:
    begun = time.process_time()
    guide.remarks(Failure("", Program("sql", code), "ok", empty=True))
    assert time.process_time() - begun < 2


@pytest.fixture
def guide(database: Path, tmp_path: Path) -> Iterator[DatabaseGuide]:
    sha256 = hashlib.sha256(database.read_bytes()).hexdigest()
    made = DatabaseGuide(Guide(database, tmp_path, sha256=sha256), [database.name])
    yield made
    made.close()
