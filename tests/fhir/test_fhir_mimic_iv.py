"""MIMIC-IV's tables as FHIR: valid, and read back to the very rows."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from taskkit.fhir import validation
from taskkit.fhir.mimic_iv import resources, tables
from taskkit.fhir.moment import interval
from taskkit.fhir.parity import compare, form, rebuilt, shown
from taskkit.fhir.published import Asking, mapping, program, rows_of
from taskkit.fhir.schema import write
from taskkit.fhir.store import Store

DOMAINS = Path(__file__).parents[2] / "domains"
NOW = "2105-12-31T23:59:00Z"
ROWS = """
insert into patients values (0, 7, 'f', '2050-01-02 00:00:00', null);
insert into patients values (1, 8, 'm', '2040-03-04 00:00:00', '2104-05-06 07:08:09');
insert into admissions values (0, 7, 70, '2104-01-01 10:00:00', '2104-01-09 11:30:00', 'urgent',
    'emergency room', 'home', 'medicare', 'english', 'single', 54);
insert into admissions values (1, 8, 80, '2105-12-30 10:00:00', null, 'elective', null, null,
    'other', null, null, 65);
insert into d_icd_diagnoses values (0, 'icd9|4139', 'angina');
insert into d_icd_procedures values (0, 'icd9|3961', 'extracorporeal circulation');
insert into d_labitems values (0, 50971, 'potassium');
insert into d_items values (0, 220045, 'heart rate', 'hr', 'chartevents');
insert into icustays values (0, 7, 70, 700, 'micu', 'sicu', '2104-01-02 00:00:00', null);
insert into transfers values (0, 7, 70, 900, 'admit', 'micu', '2104-01-01 10:00:00', null);
insert into diagnoses_icd values (0, 7, 70, 'icd9|4139', '2104-01-01 10:00:00');
insert into procedures_icd values (0, 7, 70, 'icd9|3961', '2104-01-03 00:00:00');
insert into labevents values (0, 7, 70, 50971, '2104-01-01 12:00:00', 3.4, 'meq/l');
insert into labevents values (1, 8, 80, 50971, '2105-12-31 12:00:00', null, null);
insert into prescriptions values (0, 7, 70, '2104-01-01 11:00:00', null, 'insulin', 2.5,
    'unit', 'sc');
insert into chartevents values (0, 7, 70, 700, 220045, '2104-01-02 01:00:00', 88.0, 'bpm');
insert into inputevents values (0, 7, 70, 700, '2104-01-02 02:00:00', 220045, 100.0, 'ml');
insert into outputevents values (0, 7, 70, 700, '2104-01-02 03:00:00', 220045, 50.0, 'ml');
insert into microbiologyevents values (0, 7, 70, '2104-01-02 04:00:00', 'swab', 'mrsa', null);
insert into cost values (0, 7, 70, 'labevents', 0, '2104-01-01 12:00:00', 7.14);
"""
QUERIES = [
    "select count(*) from patients where gender = 'f'",
    "select valuenum from labevents where subject_id = 7",
    "select sum(cost) from cost where event_type = 'labevents'",
    "select long_title from d_icd_diagnoses join diagnoses_icd using (icd_code)",
    "select admittime, dischtime, insurance, age from admissions",
]


@pytest.fixture
def database() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.executescript((DOMAINS / "mimic-iv/schema.sql").read_text("utf-8") + ROWS)
    return connection


def store(database: sqlite3.Connection, folder: Path, *, altered: bool = False) -> Store:
    found = list(resources(database))
    if altered:
        text = json.dumps(found).replace('"value": 3.4', '"value": 3.5')
        found = json.loads(text)
    write(folder / "s.sqlite", found, updated=interval(NOW)[0])
    return Store(folder / "s.sqlite", now=interval(NOW)[0])


def test_all_resources_are_valid(database: sqlite3.Connection) -> None:
    found = list(resources(database))
    keys = {(str(one["resourceType"]), str(one["id"])) for one in found}
    assert len(keys) == len(found) == 20
    for one in found:
        if one["resourceType"] != "CodeSystem":
            validation.validate(one, lambda kind, id_: (kind, id_) in keys)


def test_every_row_is_read_back(database: sqlite3.Connection, tmp_path: Path) -> None:
    back = rebuilt(store(database, tmp_path), DOMAINS / "fhir")
    for table, (_, _, columns) in tables().items():
        query = f"select {', '.join(columns)} from {table} order by row_id"
        assert back.execute(query).fetchall() == database.execute(query).fetchall(), table


def test_equal_data_agree_and_an_altered_value_is_found(
    database: sqlite3.Connection, tmp_path: Path
) -> None:
    (tmp_path / "a").mkdir()
    same = rebuilt(store(database, tmp_path), DOMAINS / "fhir")
    other = rebuilt(store(database, tmp_path / "a", altered=True), DOMAINS / "fhir")
    queries = [*QUERIES, "select nothing from nowhere"]
    found = compare(database, same, queries, most=10)
    assert (found.compared, found.agreed, found.skipped, found.share) == (5, 5, 1, 1.0)
    found = compare(database, other, queries, most=10)
    assert [sql for sql, _ in found.differences] == [QUERIES[1]]
    assert shown(found)[:6] == [
        "| asks for | agreed | differs | not compared |",
        "| --- | ---: | ---: | ---: |",
        "| cost | 1 | 0 | 0 |",
        "| count | 1 | 0 | 0 |",
        "| list | 2 | 1 | 1 |",
        "| all | 4 | 1 | 1 |",
    ]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT COUNT(*)>0 FROM admissions", "yes-or-no"),
        ("SELECT COUNT( DISTINCT t1.subject_id ) FROM t1", "count"),
        ("SELECT d FROM (SELECT d, DENSE_RANK() OVER (ORDER BY c DESC) AS r FROM t)", "top-k"),
        ("SELECT AVG(cost.cost) FROM cost", "cost"),
        ("SELECT 24 * (strftime('%J','x') - strftime('%J', t.intime)) FROM t", "duration"),
        ("SELECT a.time FROM a ORDER BY a.time DESC LIMIT 1", "first-or-last"),
        ("SELECT MAX(v) FROM t", "aggregate"),
        ("SELECT DISTINCT route FROM prescriptions", "list"),
    ],
)
def test_forms_of_questions(sql: str, expected: str) -> None:
    assert form(sql) == expected


def test_a_question_carries_its_tables_and_the_answer(database: sqlite3.Connection) -> None:
    asking = Asking("r", "train", "How many?", QUERIES[1], rows_of(database, QUERIES[1]))
    assert asking.rows == [[3.4]]
    code = program(DOMAINS / "fhir", asking.sql)
    compile(code, "reference", "exec")
    assert "'labevents'" in code.split("SQL =")[0]
    assert "'prescriptions'" not in code.split("SQL =")[0]
    assert "- valuenum: `valueQuantity.value`" in mapping()
