"""The synthetic hospital hangs together: keys, times, ages, ranges, the same bytes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from taskkit.ehr.rendering.mimic_iii import generate
from taskkit.ehr.rendering.vocabulary import Lab, Vital, Volume, read_vocabulary

DOMAIN = Path(__file__).parents[2] / "domains" / "mimic"
NOW = "2105-12-31 23:59:00"
PATIENTS = 300
EVENTS = {
    "diagnoses_icd": "icd9_code",
    "procedures_icd": "icd9_code",
    "labevents": "itemid",
    "prescriptions": "drug",
}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path = tmp_path_factory.mktemp("synthetic") / "mimic.sqlite"
    generate(path, domain=DOMAIN, patients=PATIENTS, seed=7)
    connection = sqlite3.connect(path)
    yield connection
    connection.close()


def rows(database: sqlite3.Connection, sql: str) -> list[tuple[str | float | None, ...]]:
    return database.execute(sql).fetchall()


def columns(database: sqlite3.Connection, kind: str = "%") -> list[tuple[str, str]]:
    found = database.execute(
        "select m.name, c.name from sqlite_master m, pragma_table_info(m.name) c"
        " where m.type = 'table' and lower(c.type) like ?",
        (kind,),
    )
    return [(str(table), str(column)) for table, column in found]


def times(database: sqlite3.Connection) -> list[tuple[str, str]]:
    return [(t, c) for t, c in columns(database, "text") if c.endswith(("time", "date"))]


def test_every_column_varies(database: sqlite3.Connection) -> None:
    assert len({table for table, _ in columns(database)}) == 17
    constant = [
        f"{table}.{column}"
        for table, column in columns(database)
        if rows(database, f"select count(distinct {column}) from {table}")[0][0] < 2  # type: ignore[operator]
    ]
    assert not constant


def test_foreign_keys_hold(database: sqlite3.Connection) -> None:
    assert rows(database, "pragma foreign_key_check") == []
    tables = {table for table, column in columns(database) if column == "hadm_id"}
    for table in tables - {"admissions"}:
        stray = f"select 1 from {table} join admissions a using (hadm_id) where a.subject_id <> "
        assert rows(database, f"{stray} {table}.subject_id") == []


def test_rows_are_numbered_from_zero(database: sqlite3.Connection) -> None:
    for table in {table for table, _ in columns(database)}:
        first, last, count = rows(
            database, f"select min(row_id), max(row_id), count(*) from {table}"
        )[0]
        assert (first, last) == (0, count - 1), table  # type: ignore[operator]


def test_text_is_lower_case(database: sqlite3.Connection) -> None:
    for table, column in columns(database, "text"):
        wrong = f"select {column} from {table} where {column} <> trim(lower({column}))"
        assert rows(database, wrong) == [], f"{table}.{column}"


def test_times_are_written_alike_and_past(database: sqlite3.Connection) -> None:
    assert len(times(database)) == 16
    for table, column in times(database):
        wrong = (
            f"select {column} from {table} where {column} is not datetime({column})"
            f" or {column} < '2100-01-01' or {column} > '{NOW}'"
        )
        assert rows(database, wrong) == [], f"{table}.{column}"


def test_ages_follow_from_birth_and_admission(database: sqlite3.Connection) -> None:
    people = database.execute(
        "select age, admittime, dob from admissions join patients using (subject_id)"
    ).fetchall()
    for age, admitted, born in people:
        days = (date.fromisoformat(admitted[:10]) - date.fromisoformat(born[:10])).days
        assert age == int(days / 365.25)
    ages = {age for age, _, _ in people}
    assert min(ages) >= 11
    assert max(ages) <= 89
    assert {age // 10 for age in ages} == set(range(1, 9))


def test_stays_of_a_patient_do_not_overlap(database: sqlite3.Connection) -> None:
    overlapping = (
        "select a.hadm_id from admissions a join admissions b using (subject_id)"
        " where a.hadm_id <> b.hadm_id and a.admittime <= b.admittime"
        f" and coalesce(a.dischtime, '{NOW}') >= b.admittime"
    )
    assert rows(database, overlapping) == []


def test_intensive_care_is_within_the_stay(database: sqlite3.Connection) -> None:
    wrong = (
        "select 1 from icustays i join admissions a using (hadm_id) where i.intime < a.admittime"
        " or i.outtime < i.intime or i.outtime > a.dischtime"
        " or i.outtime is null and a.dischtime is not null"
    )
    assert rows(database, wrong) == []


def test_events_are_within_their_stay(database: sqlite3.Connection) -> None:
    for table, column in times(database):
        named = {name for other, name in columns(database) if other == table}
        if {"hadm_id", column} <= named and table != "admissions":
            inner = "icustays" if "amount" in named or "value" in named else "admissions"
            start, end = (
                ("intime", "outtime") if inner == "icustays" else ("admittime", "dischtime")
            )
            key = "icustay_id" if inner == "icustays" else "hadm_id"
            wrong = (
                f"select 1 from {table} e join {inner} s using ({key})"
                f" where e.{column} < s.{start} or e.{column} > s.{end}"
            )
            assert rows(database, wrong) == [], f"{table}.{column}"


def test_vital_signs_are_charted_in_intensive_care(database: sqlite3.Connection) -> None:
    wrong = (
        "select 1 from chartevents e join icustays s using (icustay_id)"
        " where e.charttime < s.intime or e.charttime > s.outtime or e.hadm_id <> s.hadm_id"
    )
    assert rows(database, wrong) == []


def test_transfers_make_a_chain(database: sqlite3.Connection) -> None:
    by_stay: dict[int, list[tuple[str, str | None, str, str | None]]] = {}
    chain = "select hadm_id, eventtype, careunit, intime, outtime from transfers order by row_id"
    for hadm, *leg in database.execute(chain):
        by_stay.setdefault(hadm, []).append((leg[0], leg[1], leg[2], leg[3]))
    ends = dict(database.execute("select hadm_id, dischtime from admissions").fetchall())
    assert by_stay.keys() == ends.keys()
    for hadm, legs in by_stay.items():
        kinds = [kind for kind, _, _, _ in legs]
        assert kinds[0] == "admit"
        assert kinds.count("discharge") == (ends[hadm] is not None)
        assert set(kinds[1:-1]) <= {"transfer"}
        assert [leg[3] for leg in legs[:-1]] == [leg[2] for leg in legs[1:]]
        assert legs[-1][3] is None
        assert ends[hadm] is None or legs[-1][2] == ends[hadm]


def test_stays_in_intensive_care_are_their_transfers(database: sqlite3.Connection) -> None:
    legs: dict[int, list[tuple[str, int, str, str | None]]] = {}
    moves = (
        "select icustay_id, careunit, wardid, intime, outtime from transfers"
        " where icustay_id is not null order by row_id"
    )
    for stay, unit, ward, start, end in database.execute(moves):
        legs.setdefault(stay, []).append((unit, ward, start, end))
    stays = database.execute(
        "select icustay_id, first_careunit, first_wardid, intime, last_careunit, last_wardid,"
        " outtime from icustays"
    ).fetchall()
    assert len(stays) == len(legs)
    for stay, *given in stays:
        first, last = legs[stay][0], legs[stay][-1]
        assert given == [*first[:3], last[0], last[1], last[3]]
    assert (
        rows(database, "select 1 from transfers where icustay_id is null and careunit > ''") == []
    )


def test_a_tenth_of_the_patients_is_in_hospital_now(database: sqlite3.Connection) -> None:
    current = "select count(distinct subject_id) from admissions where dischtime is null"
    assert rows(database, current) == [(PATIENTS // 10,)]
    wrong = "select 1 from admissions where (dischtime is null) <> (discharge_location is null)"
    assert rows(database, wrong) == []
    assert rows(database, "select count(*) from icustays where outtime is null")[0][0] != 0


def test_many_patients_come_back(database: sqlite3.Connection) -> None:
    returning = "select 1 from admissions group by subject_id having count(*) > 1"
    assert 0.2 <= len(rows(database, returning)) / PATIENTS <= 0.4


def test_the_dead_stay_dead(database: sqlite3.Connection) -> None:
    died = (
        "select a.dischtime, p.dod, (select max(b.admittime) from admissions b"
        " where b.subject_id = a.subject_id) = a.admittime from admissions a"
        " join patients p using (subject_id) where a.discharge_location = 'dead/expired'"
    )
    deaths = rows(database, died)
    assert len(deaths) > 5
    assert all(last and str(dod)[:10] == str(left)[:10] for left, dod, last in deaths)
    alive = "select 1 from patients join admissions using (subject_id) where date(dod) < date("
    assert rows(database, f"{alive}admittime)") == rows(database, f"{alive}dischtime)") == []
    assert rows(database, f"select 1 from patients where dod > '{NOW}'") == []


def test_diagnoses_and_procedures_have_their_times(database: sqlite3.Connection) -> None:
    for table, column in (("diagnoses_icd", "admittime"), ("procedures_icd", "dischtime")):
        wrong = (
            f"select 1 from {table} join admissions using (hadm_id) where charttime is not {column}"
        )
        assert rows(database, wrong) == []
    wrong = (
        "select 1 from diagnoses_icd join patients using (subject_id)"
        " where icd9_code = '185' and gender = 'f' or icd9_code = '1749' and gender = 'm'"
    )
    assert rows(database, wrong) == []


def test_every_event_costs_once_and_a_concept_always_the_same(
    database: sqlite3.Connection,
) -> None:
    kinds = {kind for (kind,) in rows(database, "select distinct event_type from cost")}
    assert kinds == set(EVENTS)
    for table, concept in EVENTS.items():
        time = "startdate" if table == "prescriptions" else "charttime"
        joined = (
            f"from cost c join {table} e on e.row_id = c.event_id and e.hadm_id = c.hadm_id"
            f" and e.{time} = c.chargetime where c.event_type = '{table}'"
        )
        events = rows(database, f"select count(*) from {table}")
        assert rows(database, f"select count(distinct c.event_id) {joined}") == events
        charged = f"select count(*) from cost where event_type = '{table}'"
        assert rows(database, charged) == events
        prices = f"select 1 {joined} group by e.{concept} having count(distinct c.cost) > 1"
        assert rows(database, prices) == []
    assert rows(database, "select 1 from cost where cost <= 0") == []


def test_values_are_in_the_range_of_their_item(database: sqlite3.Connection) -> None:
    vocabulary = read_vocabulary(DOMAIN / "vocabulary")
    items: list[Lab | Vital | Volume] = [
        *vocabulary.labs,
        *vocabulary.vitals,
        *vocabulary.volumes,
    ]
    ranges = {item.itemid: (item.floor, item.ceiling) for item in items}
    assert len(ranges) == len(items)
    found = 0
    for table, value in (
        ("labevents", "valuenum"),
        ("chartevents", "valuenum"),
        ("inputevents_cv", "amount"),
        ("outputevents", "value"),
    ):
        extremes = f"select itemid, min({value}), max({value}) from {table} group by itemid"
        for item, low, high in database.execute(extremes):
            floor, ceiling = ranges[item]
            assert floor <= low <= high <= ceiling, item
            found += 1
    assert found > 200


def test_units_belong_to_items(database: sqlite3.Connection) -> None:
    for table in ("labevents", "chartevents"):
        mixed = f"select 1 from {table} group by itemid having count(distinct valueuom) <> 1"
        assert rows(database, mixed) == []
    mixed = "select 1 from prescriptions group by drug having count(distinct dose_unit_rx) <> 1"
    assert rows(database, mixed) == []
    doses = rows(database, "select distinct dose_val_rx from prescriptions")
    assert all(float(str(dose)) > 0 for (dose,) in doses)


@pytest.mark.parametrize(
    ("code", "label", "factor"),
    [
        ("5856", "creatinine", 1.4),
        ("99592", "white blood cells", 1.2),
        ("5715", "bilirubin, total", 1.5),
    ],
)
def test_laboratory_follows_the_diagnosis(
    database: sqlite3.Connection, code: str, label: str, factor: float
) -> None:
    means = (
        "select avg(valuenum) from labevents join d_labitems using (itemid)"
        f" where label = '{label}' and hadm_id {{}}"
        f" (select hadm_id from diagnoses_icd where icd9_code = '{code}')"
    )
    having = database.execute(means.format("in")).fetchone()[0]
    others = database.execute(means.format("not in")).fetchone()[0]
    assert having > factor * others


@pytest.mark.parametrize(
    ("table", "column"), [*EVENTS.items(), ("microbiologyevents", "spec_type_desc")]
)
def test_the_commonest_are_not_tied(database: sqlite3.Connection, table: str, column: str) -> None:
    top = f"select count(distinct hadm_id) from {table} group by {column} order by 1 desc limit 3"
    assert len(set(rows(database, top))) == 3


def test_concepts_recur_within_a_stay(database: sqlite3.Connection) -> None:
    for table, column, least in (
        ("labevents", "itemid", 3),
        ("prescriptions", "drug", 3),
        ("chartevents", "itemid", 10),
        ("inputevents_cv", "itemid", 5),
        ("outputevents", "itemid", 5),
        ("procedures_icd", "icd9_code", 2),
    ):
        often = f"select 1 from {table} group by hadm_id, {column} having count(*) >= {least}"
        assert len(rows(database, often)) > 20, table


def test_there_is_news(database: sqlite3.Connection) -> None:
    for table, column in times(database):
        if column not in ("dischtime", "outtime", "enddate") and table != "procedures_icd":
            today = f"select 1 from {table} where {column} >= '2105-12-31'"
            assert rows(database, today), f"{table}.{column}"
    month = "select 1 from procedures_icd where charttime >= '2105-12-01'"
    assert len(rows(database, month)) > 5
