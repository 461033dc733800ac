"""An answer that hangs on the order of a database's rows is found, whatever hides the order."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from taskkit.sql.mutants.resamples import reversed_rows, shuffled
from taskkit.sql.order import Orders
from taskkit.sql.prepared import prepared
from tests.play.hospital import task

ROWS = 40


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ward") / "ward.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "create table stay (row_id integer primary key, insurance text, year int, bed text)"
        )
        rows = [(n, f"payer {n * 7 % 5}", 2100 + n % 3, f"bed {n}") for n in range(1, ROWS + 1)]
        connection.executemany("insert into stay values (?, ?, ?, ?)", rows)
        connection.execute("create index by_payer on stay (insurance)")
        connection.commit()
    return path


def compared(path: Path, cache: Path) -> Orders:
    return Orders(path, shuffled(path, "0" * 64, cache), reversed_rows(path, "0" * 64, cache))


def first(path: Path, sql: str) -> object:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchone()[0]


def test_rows_with_a_whole_number_for_a_key_are_shuffled_too(ward: Path, tmp_path: Path) -> None:
    copy = shuffled(ward, "0" * 64, tmp_path)
    everything = "select group_concat(bed) from (select bed from stay not indexed)"
    assert first(copy, everything) != first(ward, everything)
    ordered = "select group_concat(bed) from (select bed from stay order by row_id)"
    assert first(copy, ordered) == first(ward, ordered)


@pytest.mark.parametrize(
    "sql",
    [
        "select group_concat(distinct insurance) from stay",
        "select json_group_array(bed) from stay",
        "select count(*) from (select insurance, lag(insurance) over (order by year) p from stay)"
        " where insurance <> p",
        "select first_value(bed) over (partition by year order by insurance) from stay",
        "select bed from stay where row_id in"
        " (select row_id from (select row_id, row_number() over (order by year) n from stay)"
        " where n = 4)",
        "select bed from stay group by insurance",
    ],
    ids=["concat", "json", "lag", "first", "rank", "bare"],
)
def test_an_answer_that_hangs_on_the_order_is_found(ward: Path, tmp_path: Path, sql: str) -> None:
    with closing(sqlite3.connect(ward)) as connection:
        rows = [list(row) for row in connection.execute(sql)]
    spec = task("0" * 64, answer={"kind": "table"}, oracle={"kind": "exact", "expected": rows})
    orders = compared(ward, tmp_path)
    try:
        assert [one.code for one in orders.findings(spec, sql)] == ["order_dependent"]
    finally:
        orders.close()


@pytest.mark.parametrize(
    "sql",
    [
        "select count(distinct insurance) from stay",
        "select insurance, max(year) from stay group by insurance",
        "select sum(n) from (select row_number() over (order by row_id) n from stay)",
    ],
)
def test_an_answer_that_does_not_is_left_alone(ward: Path, tmp_path: Path, sql: str) -> None:
    with closing(sqlite3.connect(ward)) as connection:
        rows = [list(row) for row in connection.execute(sql)]
    spec = task("0" * 64, answer={"kind": "table"}, oracle={"kind": "exact", "expected": rows})
    orders = compared(ward, tmp_path)
    try:
        assert list(orders.findings(spec, sql)) == []
    finally:
        orders.close()
    assert prepared(sql)[0].listing is None
