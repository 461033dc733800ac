"""An answer that hangs on the order of stored rows is recognised."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskkit.sql.questions.shape import shape_of
from taskkit.sql.questions.tie import depends_on_row_order
from taskkit.sqlite import TooManyRowsError, run


def depends(rows: list[tuple[int, str]], sql: str) -> bool:
    db = sqlite3.connect(":memory:")
    db.execute("create table t (k int, v text)")
    db.executemany("insert into t values (?, ?)", rows)
    return depends_on_row_order(shape_of(sql, "?").tree, db, run(db, sql))


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select v from t order by k limit 1", True),
        ("select v from t order by k limit 3", False),
        ("select k from t order by k limit 1", False),
        ("select distinct k from t order by k desc limit 1", False),
        ("select v from t where k = 2 order by k limit 1", False),
        ("select count(*) from t where v in (select v from t order by k limit 1)", False),
        ("select k from t where v in (select v from t order by k limit 1)", False),
        ("select v from t where v in (select v from t order by k limit 1)", True),
        ("select v from t limit 1", True),
        ("select (select v from t where k = 1)", True),
        ("select (select v from t where k = 2)", False),
        ("select (select max(v) from t where k = 1)", False),
        ("select k from t where v = (select v from t where k = 1) and v = 'a'", True),
        ("select v from t order by k limit 1 offset 1", True),
        ("select v from t order by k limit 1 offset 2", False),
        ("select v, count(*) from t group by v order by count(*) limit 1", True),
    ],
)
def test_ties_that_decide_are_found(sql: str, expected: bool) -> None:
    assert depends([(1, "a"), (1, "b"), (2, "c")], sql) is expected


def test_the_middle_of_three_equals_is_a_tie() -> None:
    rows = [(1, "a"), (1, "b"), (1, "c")]
    assert depends(rows, "select v from t order by k limit 1 offset 1")


@given(
    rows=st.lists(st.tuples(st.integers(0, 2), st.sampled_from("abc")), max_size=6),
    limit=st.integers(1, 4),
    seed=st.randoms(use_true_random=False),
)
def test_an_answer_called_safe_survives_any_order(rows, limit, seed) -> None:  # type: ignore[no-untyped-def]
    sql = f"select v from t order by k limit {limit}"
    if depends(rows, sql):
        return
    db = sqlite3.connect(":memory:")
    db.execute("create table t (k int, v text)")
    before = sorted(rows)[:limit]
    seed.shuffle(rows)
    db.executemany("insert into t values (?, ?)", rows)
    assert sorted(db.execute(sql).fetchall()) == sorted((v,) for _, v in before)


def test_a_query_with_too_many_rows_leaves_the_connection_free() -> None:
    db = sqlite3.connect(":memory:")
    db.executescript("create table t (k int, v text); insert into t values (1, 'a'), (1, 'b')")
    with pytest.raises(TooManyRowsError) as held:
        run(db, "select v from t", max_rows=1)
    sql = "select v from t order by k limit 1"
    assert depends_on_row_order(shape_of(sql, "?").tree, db, run(db, sql))
    assert held.value.args
