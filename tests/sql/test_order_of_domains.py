"""The shuffled copies of every domain's database are shuffled: each construct is found on each."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from taskkit.ehr.releases.eicu.tables import EicuOptions, build_eicu
from taskkit.ehr.releases.mimic.options import MimicIvOptions, MimicOptions
from taskkit.ehr.releases.mimic_iii.tables import build_mimic_iii
from taskkit.ehr.releases.mimic_iv.tables import build_mimic_iv
from taskkit.ehr.tables.database import DatabaseWriter
from taskkit.ehr.tables.typed import declared
from taskkit.sql.mutants.resamples import reversed_rows, shuffled
from taskkit.sql.order import Orders
from tests.ehr.small_eicu import eicu, write_eicu
from tests.ehr.small_release import DOMAINS, mimic_iii, mimic_iv, write
from tests.play.hospital import task

PATIENTS = 30
STAYS = {  # a table of each domain: its key, a text of few values, one of many
    "mimic": ("admissions", "hadm_id", "admission_type", "admittime"),
    "eicu": ("patient", "patientunitstayid", "gender", "unitadmittime"),
    "mimic-iv": ("admissions", "hadm_id", "admission_type", "admittime"),
    "treqs": ("demographic", "hadm_id", "gender", "admittime"),
}
"""seqsql and ehrcon ask the database of mimic."""
CONSTRUCTS = {
    "group_concat": "select group_concat({many}) from {table}",
    "distinct concat": "select group_concat(distinct {many}) from {table}",
    "json_group_array": "select json_group_array({many}) from {table}",
    "row_number": "select {many} from (select {many}, row_number() over (order by {few}) as n"
    " from {table}) where n = 4",
    "sum of the first": "select sum({key}) from (select {key}, row_number() over (order by {few})"
    " as n from {table}) where n <= 9",
    "lag": "select {many}, lag({many}) over (order by {few}) from {table} where {key} % 3 = 0",
    "first_value": "select distinct first_value({many}) over (partition by {few} order by {few})"
    " from {table}",
    "bare column": "select {many} from {table} group by {few}",
    "limit": "select {many} from {table} limit 3",
    "limit over ties": "select {many} from {table} order by {few} limit 3",
}


@pytest.fixture(scope="module", params=sorted(STAYS))
def domain(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def database(domain: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp(domain)
    source, path = folder / "source", folder / "data.sqlite"
    home = DOMAINS / domain
    if domain == "mimic":
        build_mimic_iii(
            write(source, mimic_iii(PATIENTS)),
            path,
            MimicOptions(patients=None, shift_times=False, stay_percentile=None),
            home,
        )
    elif domain == "mimic-iv":
        build_mimic_iv(
            write(source, mimic_iv(PATIENTS)),
            path,
            MimicIvOptions(patients=None, shift_times=False, stay_percentile=None),
            home,
        )
    elif domain == "eicu":
        build_eicu(
            write_eicu(source, eicu(PATIENTS)),
            path,
            EicuOptions(patients=None, shift_times=False, stay_percentile=None),
            home,
        )
    else:
        invented(path, home)
    return path


def invented(path: Path, home: Path) -> None:
    """Write a row of invented values for each number, in every table of a schema."""
    schema = (home / "schema.sql").read_text("utf-8")
    with DatabaseWriter(path, schema) as writer:
        for table, columns in declared(schema).items():
            writer.insert(
                table,
                (
                    [
                        "FM"[n % 2]
                        if name == "gender"
                        else n
                        if "int" in kind.lower()
                        else f"{name} {n}"
                        for name, kind in columns
                    ]
                    for n in range(PATIENTS)
                ),
            )
        writer.finish()


@pytest.fixture(scope="module")
def orders(database: Path) -> Iterator[Orders]:
    cache = database.parent / "copies"
    cache.mkdir()
    copies = (make(database, "0" * 64, cache) for make in (shuffled, reversed_rows))
    with closing(Orders(database, *copies)) as opened:
        yield opened


@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_a_construct_that_hangs_on_the_order_is_found(
    domain: str, database: Path, orders: Orders, construct: str
) -> None:
    names = dict(zip(("table", "key", "few", "many"), STAYS[domain], strict=True))
    sql = CONSTRUCTS[construct].format(**names)
    with closing(sqlite3.connect(database)) as connection:
        rows = [list(row) for row in connection.execute(sql)]
    assert rows
    spec = task("0" * 64, answer={"kind": "table"}, oracle={"kind": "exact", "expected": rows})
    assert [one.code for one in orders.findings(spec, sql)] == ["order_dependent"]


@pytest.mark.parametrize("sum_of", ["total", "sum", "avg"])
def test_a_sum_of_decimals_does_not_hang_on_the_order(
    domain: str, database: Path, orders: Orders, sum_of: str
) -> None:
    table, key, *_ = STAYS[domain]
    sql = f"select {sum_of}({key} * 0.1) from {table}"
    with closing(sqlite3.connect(database)) as connection:
        rows = [list(row) for row in connection.execute(sql)]
    spec = task("0" * 64, answer={"kind": "table"}, oracle={"kind": "exact", "expected": rows})
    assert list(orders.findings(spec, sql)) == []


def test_every_table_of_some_rows_has_another_order(database: Path, orders: Orders) -> None:
    with closing(sqlite3.connect(database)) as connection:
        query = "select name from sqlite_schema where type = 'table'"
        for (table,) in connection.execute(query).fetchall():
            everything = f"select * from {table} not indexed"
            usual = connection.execute(everything).fetchall()
            if len(usual) > 3:
                found = orders._shuffled.connection.execute(everything).fetchall()
                assert sorted(map(str, found)) == sorted(map(str, usual)), table
                assert found != usual, table
