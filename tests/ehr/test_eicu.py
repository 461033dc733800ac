"""An eICU database holds what EHRSQL's steps say, from whatever tables the source has."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from taskkit.build.origin import Origin
from taskkit.ehr.releases.eicu.tables import EicuOptions, build_eicu
from taskkit.errors import SourceError
from tests.ehr.small_eicu import DOMAIN, eicu, write_eicu
from tests.ehr.small_release import Tables
from tests.ehr.upstream import upstream

PLAIN = EicuOptions(shift_times=False, shuffle_values=False, stay_percentile=None)
MOVED = EicuOptions(stay_percentile=None, shuffle_values=False)


def built(
    folder: Path, options: EicuOptions = PLAIN, tables: Tables | None = None
) -> tuple[sqlite3.Connection, Origin]:
    source = write_eicu(folder / "source", tables or eicu())
    target = folder / "eicu.sqlite"
    origin = build_eicu(source, target, options, DOMAIN)
    return sqlite3.connect(target), origin


def rows(database: sqlite3.Connection, sql: str) -> list[tuple[object, ...]]:
    return database.execute(sql).fetchall()


def test_rows_arrive_as_in_the_source(tmp_path: Path) -> None:
    db, _ = built(tmp_path)
    assert rows(db, "select * from patient limit 1")[0][:11] == (
        *("900-0", 800, 7000, "male", "90", "caucasian", 61, 90, 170.5, 80.5, 81.0),
    )
    own = "select {} from {} where patientunitstayid = 7000"
    assert rows(db, own.format("diagnosisname, icd9code", "diagnosis")) == [
        ("hypokalemia - < 2.8 meq/dl", "276.8, e87.6"),
        ("hypotension", None),
    ]
    assert rows(db, own.format("treatmentname", "treatment")) == [("mechanical ventilation",)]
    assert rows(db, own.format("labname, labresult", "lab")) == [
        ("potassium", 2.5),
        ("potassium", 3.5),
    ]
    assert rows(db, own.format("drugname, dosage, routeadmin", "medication")) == [
        ("potassium chloride", "20 meq", "iv")
    ]
    assert rows(db, own.format("drugname, allergyname", "allergy")) == [(None, "penicillins")]
    assert rows(db, own.format("celllabel, cellvaluenumeric", "intakeoutput")) == [("oral", 200.0)]
    assert rows(db, own.format("culturesite, organism", "microlab")) == [
        ("blood, venipuncture", "escherichia coli")
    ]
    vitals = own.format("temperature, sao2, heartrate, systemicmean", "vitalperiodic")
    assert rows(db, vitals) == [(None, 97, 88, 75)]


def test_times_count_from_the_start_of_the_unit_stay(tmp_path: Path) -> None:
    db, _ = built(tmp_path)
    minutes = "round(24 * 60 * (julianday({}) - julianday({})))"
    later = minutes.format("labresulttime", "unitadmittime")
    assert rows(db, f"select distinct {later} from lab join patient using (patientunitstayid)") == [
        (10.0,),
        (700.0,),
    ]
    stay = minutes.format("hospitaldischargetime", "hospitaladmittime")
    assert rows(db, f"select distinct {stay} from patient") == [(5760.0,)]
    assert rows(db, "select distinct time(hospitaldischargetime) from patient") == [("10:30:00",)]
    assert rows(db, "select distinct strftime('%Y', hospitaldischargetime) from patient") == [
        ("2014",)
    ]
    units = "select count(distinct hospitaladmittime) from patient group by uniquepid"
    assert set(rows(db, units)) == {(1,)}


def test_every_priced_event_is_charged_once(tmp_path: Path) -> None:
    db, _ = built(tmp_path)
    for table in ("diagnosis", "treatment", "lab", "medication"):
        joined = (
            f"select count(*) from cost c join {table} e on e.{table}id = c.eventid"
            " join patient p on p.patientunitstayid = e.patientunitstayid"
            f" where c.eventtype = '{table}' and c.uniquepid = p.uniquepid"
            " and c.patienthealthsystemstayid = p.patienthealthsystemstayid and c.cost > 0"
        )
        count = rows(db, f"select count(*) from {table}")
        assert rows(db, joined) == count != [(0,)]


def test_nothing_lies_after_the_current_time(tmp_path: Path) -> None:
    options = MOVED.model_copy(update={"patients": 40, "current_ratio": 0.5})
    db, _ = built(tmp_path, options, eicu(40))
    current = "select count(distinct uniquepid) from patient where hospitaldischargetime is null"
    assert 10 <= int(str(rows(db, current)[0][0])) <= 20
    known = "hospitaldischargestatus is null = (hospitaldischargetime is null)"
    assert rows(db, f"select count(*) from patient where not ({known})") == [(0,)]
    for table, column in (("lab", "labresulttime"), ("medication", "drugstoptime")):
        assert rows(db, f"select max({column}) <= '2105-12-31 23:59:00' from {table}") == [(1,)]


def test_stays_of_one_patient_do_not_overlap(tmp_path: Path) -> None:
    tables = eicu(12)
    for row in tables["patient"][1:]:
        row[-1] = "900-1"
    db, _ = built(tmp_path, PLAIN, tables)
    overlaps = (
        "select count(*) from patient a join patient b on"
        " b.patienthealthsystemstayid > a.patienthealthsystemstayid"
        " and b.hospitaladmittime <= a.hospitaldischargetime"
        " and a.hospitaladmittime <= b.hospitaldischargetime"
    )
    assert rows(db, overlaps) == [(0,)]


def test_a_name_keeps_its_most_frequent_path(tmp_path: Path) -> None:
    tables = eicu()
    tables["diagnosis"].append([9, 7000, 5, "surgery|other|hypotension", "1"])
    one, _ = built(tmp_path / "one", PLAIN, tables)
    both = PLAIN.model_copy(update={"one_path_per_name": False})
    all_paths, _ = built(tmp_path / "all", both, tables)
    count = "select count(*) from diagnosis where diagnosisname = 'hypotension'"
    assert rows(one, count) == [(12,)]
    assert rows(all_paths, count) == [(13,)]


@pytest.mark.parametrize(
    ("column", "value"),
    [("gender", ""), ("hospitaladmitsource", ""), ("unitdischargeoffset", -5), ("age", "9")],
)
def test_unusual_stays_are_left_out(tmp_path: Path, column: str, value: object) -> None:
    tables = eicu()
    tables["patient"][1][tables["patient"][0].index(column)] = value
    db, _ = built(tmp_path, PLAIN, tables)
    assert rows(db, "select count(*) from patient") == [(11,)]


def test_tables_that_are_missing_stay_empty(tmp_path: Path) -> None:
    tables = {name: table for name, table in eicu().items() if name not in ("lab", "microLab")}
    db, _ = built(tmp_path, PLAIN, tables)
    assert rows(db, "select count(*) from lab") == [(0,)]
    assert rows(db, "select count(*) from diagnosis") == [(24,)]


def test_a_test_is_kept_in_its_most_frequent_unit(tmp_path: Path) -> None:
    tables = eicu()
    tables["lab"][0].append("labmeasurenamesystem")
    for number, row in enumerate(tables["lab"][1:]):
        row.append("mg/dL" if number % 3 == 0 else "mmol/L")
    db, origin = built(tmp_path, PLAIN, tables)
    assert rows(db, "select count(*) from lab") == [(16,)]
    assert origin.rows["lab"] == 24
    assert origin.left_out == (
        "lab: 8 results of 'potassium' in another unit than mmol/l, which 16 are in",
    )


def test_patients_are_needed(tmp_path: Path) -> None:
    tables = eicu()
    del tables["patient"]
    with pytest.raises(SourceError, match=r"no patient\.csv"):
        built(tmp_path, PLAIN, tables)


def test_an_unreadable_cell_is_named(tmp_path: Path) -> None:
    tables = eicu()
    tables["lab"][3][4] = "high"
    with pytest.raises(SourceError, match=r"lab\.csv.*:4: column 'labresult': 'high'"):
        built(tmp_path, PLAIN, tables)


@pytest.mark.parametrize(("column", "value"), [("age", "old"), ("hospitaldischargetime24", "noon")])
def test_an_unreadable_patient_is_named(tmp_path: Path, column: str, value: str) -> None:
    tables = eicu()
    tables["patient"][2][tables["patient"][0].index(column)] = value
    with pytest.raises(SourceError, match=rf"patientunitstayid 7001: .*{value}"):
        built(tmp_path, PLAIN, tables)


def test_nobody_left_is_an_error(tmp_path: Path) -> None:
    options = PLAIN.model_copy(update={"older_than": 95})
    with pytest.raises(SourceError, match="none of 12 unit stays is left"):
        built(tmp_path, options)


def test_an_unknown_release_is_credentialed(tmp_path: Path) -> None:
    _, origin = built(tmp_path)
    assert origin.access == "credentialed"
    assert "not recognised" in origin.name


@pytest.mark.slow
def test_the_open_demo_is_recognised(tmp_path: Path) -> None:
    source = upstream("eicu-demo-2.0.1") / "subset_100_patients_csv"
    origin = build_eicu(source, tmp_path / "eicu.sqlite", EicuOptions(), DOMAIN)
    assert (origin.access, origin.licence) == ("open", "ODbL-1.0")


@pytest.mark.parametrize(
    ("table", "column", "value", "says"),
    [
        ("patient", "hospitaldischargeyear", 99999, r"hospitaldischargeyear 99999: need a year"),
        ("patient", "hospitaldischargetime24", "24:00:00", r"time24 '24:00:00': need HH:MM:SS"),
        ("patient", "hospitaldischargetime24", "1030", r"time24 '1030': need HH:MM:SS"),
        ("patient", "age", "-5", r"age '-5': need years or `> 89`"),
        ("patient", "unitdischargeoffset", 10**12, r"offset 1000000000000: need minutes from"),
        ("diagnosis", "diagnosisoffset", 10**15, r"offset 1000000000000000: need minutes from the"),
    ],
)
def test_a_time_that_leaves_the_calendar_is_named(
    tmp_path: Path, table: str, column: str, value: object, says: str
) -> None:
    tables = eicu()
    tables[table][1][tables[table][0].index(column)] = value
    with pytest.raises(SourceError, match=rf"{table}\.csv\S*: patientunitstayid 7000: .*{says}"):
        build_eicu(write_eicu(tmp_path / "source", tables), tmp_path / "e", PLAIN, DOMAIN)


@pytest.mark.parametrize("name", ["lab.parquet", "lab.csv.zip", "lab.csv.part"])
def test_an_optional_table_in_another_form_is_named(tmp_path: Path, name: str) -> None:
    tables = eicu()
    del tables["lab"]
    source = write_eicu(tmp_path / "source", tables)
    (source / name).write_bytes(b"PAR1")
    says = rf"no lab\.csv\[\.gz\] \(there is {name}\): need it as CSV, or not in this folder"
    with pytest.raises(SourceError, match=says):
        build_eicu(source, tmp_path / "e.sqlite", EicuOptions(), DOMAIN)
