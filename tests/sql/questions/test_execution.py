"""A query of somebody else's takes no more of the host than it may."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest

from taskkit.sql.questions.execution import BudgetError, connect, run

MANY = "o" * 200
ENDLESS = "with recursive n(i) as (select 1 union all select i + 1 from n)"


@pytest.fixture
def db(tmp_path: Path) -> sqlite3.Connection:
    made = sqlite3.connect(tmp_path / "a")
    made.executescript("create table t (a text); insert into t values ('one');")
    made.close()
    return connect(tmp_path / "a")


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("select printf('%.*c', 900000000, 'x')", r"without bounds \(printf, format, "),
        ("select format('%.*c', 900000000, a) from t", "without bounds"),
        ("select randomblob(900000000)", "without bounds"),
        ("select zeroblob(900000000)", "without bounds"),
        (f"select replace(replace(replace(a, 'o', '{MANY}'), 'o', '{MANY}'), 'o', '{MANY}') from t",
         "string or blob too big"),
        (f"{ENDLESS} select group_concat(i) from n", "string or blob too big|instructions"),
        (f"{ENDLESS} select count(*) from n", "instructions"),
        (f"{ENDLESS} select max(a) from t, n", "instructions"),
    ],
    ids=["printf", "format", "random", "zero", "replace", "concat", "count", "cross"],
)  # fmt: skip
def test_a_query_without_measure_is_stopped(db: sqlite3.Connection, sql: str, says: str) -> None:
    begun = time.process_time()
    with pytest.raises((sqlite3.Error, BudgetError), match=says):
        run(db, sql, max_steps=5_000_000)
    assert time.process_time() - begun < 2


def test_a_pattern_of_many_wildcards_is_matched_at_once(db: sqlite3.Connection) -> None:
    begun = time.process_time()
    pattern = "%a" * 40 + "%b"
    text = "a" * 1000
    assert run(db, f"select '{text}' like '{pattern}'").rows == [(0,)]
    assert time.process_time() - begun < 2
