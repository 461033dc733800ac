"""The MIMICSQL schema from CSV tables, from the synthetic hospital, and from a SQLite file."""

from __future__ import annotations

import csv
import sqlite3
from pathlib import Path

import pytest

from taskkit.ehr.releases.treqs.case import headline, title
from taskkit.ehr.releases.treqs.names import Names
from taskkit.ehr.releases.treqs.tables import TreqsOptions, build_treqs
from taskkit.ehr.rendering.treqs import generate_treqs
from taskkit.ehr.tables.opened import open_database
from taskkit.errors import SourceError
from tests.ehr.upstream import upstream

DOMAINS = Path(__file__).parents[2] / "domains"
TREQS = DOMAINS / "treqs"
TABLES: dict[str, list[list[object]]] = {
    "PATIENTS": [
        ["SUBJECT_ID", "GENDER", "DOB", "DOD", "EXPIRE_FLAG"],
        [901, "F", "2050-05-01 00:00:00", "", 0],
        [902, "M", "1810-01-01 00:00:00", "2110-06-01 00:00:00", 1],
    ],
    "ADMISSIONS": [
        [
            *("SUBJECT_ID", "HADM_ID", "ADMITTIME", "DISCHTIME", "ADMISSION_TYPE"),
            *("ADMISSION_LOCATION", "DISCHARGE_LOCATION", "INSURANCE", "LANGUAGE", "RELIGION"),
            *("MARITAL_STATUS", "ETHNICITY", "DIAGNOSIS"),
        ],
        [
            *(901, 11, "2100-03-01 12:00:00", "2100-03-04 11:00:00", "EMERGENCY", "CLINIC"),
            *("HOME", "Self Pay", "ENGL", "", "MARRIED", "WHITE", "ACIDOSIS"),
        ],
        [
            *(902, 12, "2110-02-01 00:00:00", "2110-02-01 05:00:00", "ELECTIVE", "CLINIC"),
            *("SNF", "Medicare", "", "OTHER", "", "ASIAN", ""),
        ],
    ],
    "DIAGNOSES_ICD": [["SUBJECT_ID", "HADM_ID", "ICD9_CODE"], [901, 11, "0010"], [901, 11, "X"]],
    "D_ICD_DIAGNOSES": [
        ["ICD9_CODE", "SHORT_TITLE", "LONG_TITLE"],
        ["0010", "Cholera NOS", "Cholera, said in full"],
    ],
    "PROCEDURES_ICD": [["SUBJECT_ID", "HADM_ID", "ICD9_CODE"], [902, 12, "0331"]],
    "D_ICD_PROCEDURES": [["ICD9_CODE", "SHORT_TITLE", "LONG_TITLE"], ["0331", "Tap", "Spinal tap"]],
    "PRESCRIPTIONS": [
        [
            *("SUBJECT_ID", "HADM_ID", "ICUSTAY_ID", "DRUG_TYPE", "DRUG", "FORMULARY_DRUG_CD"),
            *("ROUTE", "DOSE_VAL_RX", "DOSE_UNIT_RX"),
        ],
        [901, 11, "", "MAIN", "Aspirin EC", "ASA325", "PO", "325", "mg"],
        [901, 11, "", "MAIN", "Senna", "SENN1", "PO", "", "TAB"],
    ],
    "LABEVENTS": [
        ["SUBJECT_ID", "HADM_ID", "ITEMID", "CHARTTIME", "VALUE", "VALUENUM", "VALUEUOM", "FLAG"],
        [901, 11, 50971, "2100-03-02 06:00:00", "4.10", 4.1, "mEq/L", ""],
        [901, "", 50971, "2100-03-02 07:00:00", "4.2", 4.2, "mEq/L", ""],
        [901, 11, 50971, "2100-03-02 08:00:00", "HEMOLYZED", "", "", "abnormal"],
    ],
    "D_LABITEMS": [
        ["ITEMID", "LABEL", "FLUID", "CATEGORY"],
        [50971, "Potassium", "Blood", "Chemistry"],
    ],
}


def write(folder: Path, tables: dict[str, list[list[object]]]) -> Path:
    folder.mkdir()
    for name, rows in tables.items():
        with (folder / f"{name}.csv").open("w", newline="") as file:
            csv.writer(file).writerows(rows)
    return folder


def query(path: Path, sql: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("treqs")
    source = write(folder / "csv", TABLES)
    origin = build_treqs(source, folder / "treqs.sqlite", TreqsOptions(), TREQS)
    assert origin.access == "credentialed"
    return folder / "treqs.sqlite"


def test_text_keeps_its_case_and_what_is_missing_is_null(built: Path) -> None:
    sql = (
        "select insurance, marital_status, religion, diagnosis, days_stay from demographic"
        " order by hadm_id"
    )
    assert query(built, sql) == [
        ("Self Pay", "MARRIED", None, "ACIDOSIS", 2),
        ("Medicare", None, "OTHER", None, 0),
    ]


def test_ages_are_years_and_shifted_ones_come_back(built: Path) -> None:
    sql = "select age, dob_year, dod_year, admityear, expire_flag from demographic order by hadm_id"
    assert query(built, sql) == [(50, 2050, None, 2100, 0), (89, 1810, 2110, 2110, 1)]


def test_codes_keep_their_zeros_and_unknown_ones_are_left_out(built: Path) -> None:
    assert query(built, "select icd9_code, short_title from diagnoses") == [("0010", "Cholera NOS")]
    assert query(built, "select icd9_code, long_title from procedures") == [("0331", "Spinal tap")]


def test_values_and_doses_without_number_unit_or_stay_are_left_out(built: Path) -> None:
    assert query(built, "select drug, drug_dose from prescriptions") == [("Aspirin EC", "325mg")]
    assert query(built, "select value_unit, flag from lab") == [("4.10mEq/L", None)]


def test_patients_can_be_sampled(tmp_path: Path) -> None:
    source = write(tmp_path / "csv", TABLES)
    build_treqs(source, tmp_path / "one.sqlite", TreqsOptions(patients=1), TREQS)
    assert query(tmp_path / "one.sqlite", "select count(*) from demographic") == [(1,)]


def test_a_stay_without_its_patient_is_named(tmp_path: Path) -> None:
    source = write(tmp_path / "csv", TABLES | {"PATIENTS": TABLES["PATIENTS"][:2]})
    with pytest.raises(SourceError, match=r"ADMISSIONS.csv: hadm_id 12: no subject_id 902"):
        build_treqs(source, tmp_path / "x.sqlite", TreqsOptions(), TREQS)
    assert not (tmp_path / "x.sqlite").exists()


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    source = write(tmp_path / "csv", {k: v for k, v in TABLES.items() if k != "LABEVENTS"})
    with pytest.raises(SourceError, match=r"no labevents\.csv"):
        build_treqs(source, tmp_path / "x.sqlite", TreqsOptions(), TREQS)


def test_no_two_patients_share_a_name() -> None:
    names = Names(TREQS / "vocabulary" / "names.tsv", 7)
    given = [names.name(subject, "F" if subject % 2 else "M") for subject in range(110_000)]
    assert len(set(given)) == len(given)
    assert names.name(3, "F") == given[3]


def test_words_get_their_capitals_back() -> None:
    assert headline("creatine kinase, mb isoenzyme (ck)") == "Creatine Kinase, MB Isoenzyme (CK)"
    assert title("hypertension nos") == "Hypertension NOS"


def test_a_database_of_texts_is_copied_into_our_types(tmp_path: Path, built: Path) -> None:
    theirs = sqlite3.connect(tmp_path / "theirs.sqlite")
    theirs.execute("attach ? as ours", (str(built),))
    for table in ("demographic", "diagnoses", "procedures", "prescriptions", "lab"):
        theirs.execute(f"create table {table.upper()} as select * from ours.{table}")
    theirs.execute("update DEMOGRAPHIC set SUBJECT_ID = '901', DOD_YEAR = 2110.0")
    theirs.commit()
    theirs.close()
    origin = open_database(tmp_path / "theirs.sqlite", tmp_path / "t.sqlite", TREQS, markers=False)
    assert origin.access == "credentialed"
    types = "select distinct typeof(subject_id), typeof(dod_year) from demographic"
    assert query(tmp_path / "t.sqlite", types) == [("integer", "integer")]


def test_a_database_in_another_schema_is_refused(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "x.sqlite").execute("create table demographics (name)")
    with pytest.raises(SourceError, match=r"need table demographic \(there is 'demographics'\)"):
        open_database(tmp_path / "x.sqlite", tmp_path / "t.sqlite", TREQS, markers=False)


def test_the_synthetic_database_is_the_same_for_the_same_seed(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        target = tmp_path / name / "t.sqlite"
        generate_treqs(target, domain=TREQS, patients=20, seed=3)
        assert [path.name for path in (tmp_path / name).iterdir()] == ["t.sqlite"]
    assert (tmp_path / "a/t.sqlite").read_bytes() == (tmp_path / "b/t.sqlite").read_bytes()


def test_synthetic_patients_have_what_the_schema_adds(tmp_path: Path) -> None:
    target = tmp_path / "t.sqlite"
    generate_treqs(target, domain=TREQS, patients=60)
    sql = "select count(distinct name) = count(distinct subject_id), min(age) > 0 from demographic"
    assert query(target, sql) == [(1, 1)]
    for table, column, least in (
        *(("lab", "category", 3), ("lab", "fluid", 2), ("lab", "flag", 1)),
        *(("prescriptions", "drug_type", 3), ("demographic", "religion", 4)),
    ):
        found = query(target, f"select count(distinct {column}) from {table}")
        assert found >= [(least,)], column


@pytest.mark.slow
def test_the_open_demo_is_recognised(tmp_path: Path) -> None:
    source = upstream("mimic-iii-demo-1.4")
    origin = build_treqs(source, tmp_path / "t.sqlite", TreqsOptions(), TREQS)
    assert (origin.name, origin.access) == ("MIMIC-III Clinical Database Demo 1.4", "open")
    assert query(tmp_path / "t.sqlite", "select count(*) from demographic") == [(129,)]
