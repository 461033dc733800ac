"""Folders of tables as users have them: what is wrong is named, the rest is read without loss."""

from __future__ import annotations

import bz2
import gzip
import lzma
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from taskkit.build.origin import Origin
from taskkit.ehr.releases.mimic.options import MimicOptions
from taskkit.ehr.releases.mimic_iii.tables import build_mimic_iii
from taskkit.errors import SourceError
from tests.ehr.small_release import DOMAINS, Tables, mimic_iii, write

OPTIONS = MimicOptions(patients=None, shift_times=False, stay_percentile=None)
LABS = "labevents.csv"
Row = tuple[object, ...]


def built(source: Path) -> tuple[Origin, dict[str, list[Row]]]:
    """What a folder is, and the rows that come of it."""
    target = source.parent / "made.sqlite"
    origin = build_mimic_iii(source, target, OPTIONS, DOMAINS / "mimic")
    with closing(sqlite3.connect(target)) as made:
        names = made.execute("select name from sqlite_schema where type = 'table'").fetchall()
        return origin, {name: made.execute(f"select * from {name}").fetchall() for (name,) in names}


def refused(source: Path, says: str) -> None:
    with pytest.raises(SourceError, match=says):
        built(source)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write(tmp_path / "source", mimic_iii(), gz=False)


@pytest.fixture
def tables() -> Tables:
    return mimic_iii()


def changed(tmp_path: Path, tables: Tables) -> Path:
    return write(tmp_path / "changed", tables, gz=False)


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Row]]:
    folder = tmp_path_factory.mktemp("usual") / "source"
    return built(write(folder, mimic_iii(), gz=False))[1]


def cell(tables: Tables, table: str, column: str, row: int, value: object) -> None:
    tables[table][row][tables[table][0].index(column)] = value


@pytest.mark.parametrize(
    ("beside", "says"),
    [
        ("labevents.csv.aa", r"labevents stands in 2 files: labevents\.csv, labevents\.csv\.aa"),
        ("labevents.parquet", r"stands in 2 files: labevents\.csv, labevents\.parquet: need one"),
        ("hosp/LABEVENTS.csv", r"in 2 files: hosp/LABEVENTS\.csv, labevents\.csv: need one, whole"),
        ("labevents.csv.part", r"csv\.part: table labevents is not copied to its end: need it wh"),
        ("labevents.csv.aria2", r"csv\.aria2: table labevents is not copied to its end"),
    ],
)
def test_a_file_beside_a_table_that_tells_it_is_not_whole(
    source: Path, beside: str, says: str
) -> None:
    (source / beside).parent.mkdir(exist_ok=True)
    (source / beside).write_bytes((source / LABS).read_bytes())
    refused(source, says)


@pytest.mark.parametrize("name", ["labevents.zip", "labevents.csv.bz2", "LABEVENTS_old.csv"])
def test_a_table_that_is_missing_is_named_with_what_is_there(source: Path, name: str) -> None:
    (source / LABS).rename(source / name)
    refused(source, rf"no labevents\.csv\[\.gz\] \(there is {name}\): need this table")


KINDS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "zip": (lambda data: b"PK\x03\x04" + data, "a ZIP archive or a spreadsheet: need CSV"),
    "bzip2": (bz2.compress, "compressed by bzip2: need CSV"),
    "xz": (lzma.compress, "compressed by xz: need CSV"),
    "zstd": (lambda data: b"\x28\xb5\x2f\xfd" + data, "compressed by Zstandard: need CSV"),
    "twice": (lambda data: gzip.compress(gzip.compress(data)), "compressed twice: need CSV"),
    "parquet": (lambda data: b"PAR1" + data, "a Parquet file: need CSV"),
    "sqlite": (lambda data: b"SQLite format 3\0" + data, "a SQLite database: need CSV"),
    "page": (lambda data: b"\n<!DOCTYPE html>" + data, "a web page: need the file itself"),
    "lfs": (lambda _: b"version https://git-lfs.github.com/spec/v1\n", "a pointer of Git LFS"),
    "utf-16": (lambda data: data.decode().encode("utf-16"), "text in UTF-16: need UTF-8"),
    "utf-16 bare": (lambda data: data.decode().encode("utf-16-le"), "text in UTF-16: need UTF-8"),
    "utf-32": (lambda data: data.decode().encode("utf-32"), "text in UTF-32: need UTF-8"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_of_another_kind_is_named(source: Path, kind: str) -> None:
    make, says = KINDS[kind]
    (source / LABS).write_bytes(make((source / LABS).read_bytes()))
    refused(source, rf"labevents\.csv:1: {says}")


FORMS: dict[str, tuple[Callable[[str], str], str]] = {
    "caret": (lambda t: t.replace(",", "^"), r":1: fields parted by '\^': need commas"),
    "space": (lambda t: t.replace(",", " "), r":1: fields parted by ' ': need commas"),
    "rows only": (
        lambda t: t.partition("\n")[0] + "\n" + t.partition("\n")[2].replace(",", ";"),
        r":2: fields parted by ';': need commas, as in the header",
    ),
    "no header": (lambda t: t.partition("\n")[2], r":1: '9001,8001,.*need a header, with the col"),
    "sep": (lambda t: f"sep=,\n{t}", r":1: 'sep=,': need a header, with the columns subject_id"),
    "columns": (
        lambda t: t.replace("valuenum,valueuom", "value,unit"),
        r":1: no column 'valuenum', 'valueuom': need it \(there is 'value'\)",
    ),
    "quotes": (lambda t: t.replace(",mg/dL", ', "mg/dL"'), r":2: a blank before a quote: need no"),
    "byte 0": (lambda t: t.replace("mg/dL", "mg\0dL", 1), r":2: column 'valueuom': byte 0x00"),
    "filled": (lambda t: t[:200] + "\0" * 200, r"labevents\.csv:\d+: bytes 0x00: .* not whole"),
    "header alone": (lambda t: t.partition("\n")[0] + "\n", r"no rows below its header: need the"),
}


@pytest.mark.parametrize("form", FORMS)
def test_another_form_is_named(source: Path, form: str) -> None:
    make, says = FORMS[form]
    text = (source / LABS).read_bytes().decode().replace("\r\n", "\n")
    (source / LABS).write_bytes(make(text).encode())
    refused(source, says)


READ: dict[str, Callable[[bytes], bytes]] = {
    "blank first line": lambda data: b"\r\n  \r\n" + data,
    "blank last lines": lambda data: data + b"\r\n   \r\n\r\n",
    "blanks after commas": lambda data: data.replace(b",", b", ").replace(b",  ,", b", ,"),
    "two members": lambda data: gzip.compress(data[:300]) + gzip.compress(data[300:]),
    "carriage returns": lambda data: data.replace(b"\r\n", b"\r"),
    "mark": lambda data: b"\xef\xbb\xbf" + data,
    "last field empty": lambda data: data.replace(b"\r\n", b",\r\n"),
    "times": lambda data: data.replace(b" 12:00:00", b"T12:00:00Z", 3).replace(
        b" 12:00:00", b" 12:00:00.000000 +00:00", 3
    ),
    "ids": lambda data: data.replace(b"9001,8001", b"+9001,8001.0"),
    "marks": lambda data: data.replace(b",50971,2131-03-02 12:00:00,,", b",50971,2131-03-02,NA ,"),
}


@pytest.mark.parametrize("form", READ)
def test_what_can_be_read_without_loss_is_read(
    source: Path, usual: dict[str, list[Row]], form: str
) -> None:
    path = source / "chartevents.csv" if form == "blanks after commas" else source / LABS
    before = path.read_bytes()
    path.write_bytes(READ[form](before))
    assert path.read_bytes() != before
    assert built(source)[1] == usual


@pytest.mark.parametrize(
    ("table", "name"),
    [
        ("patients", "subject_id 9001"),
        ("admissions", "hadm_id 8001"),
        ("icustays", "icustay_id 7001"),
        ("d_labitems", "itemid 50912"),
        ("d_icd_diagnoses", "icd9_code 0010"),
    ],
)
def test_an_id_that_stands_twice_is_named_with_both_lines(
    tmp_path: Path, tables: Tables, table: str, name: str
) -> None:
    tables[table].append([*tables[table][1]])
    if tables[table][0][0] == "row_id":
        tables[table][-1][0] = 999
    line = len(tables[table])
    source = changed(tmp_path, tables)
    refused(source, rf"{table}\.csv:{line}: {name}: as in line 2: need it once")


def test_a_row_of_another_patient_than_its_stay_is_named(tmp_path: Path, tables: Tables) -> None:
    cell(tables, "labevents", "subject_id", 2, 9002)
    source = changed(tmp_path, tables)
    refused(source, r"labevents\.csv:3: hadm_id 8001: of subject_id 9002, elsewhere of 9001")


def test_codes_that_a_dictionary_lacks_are_counted(source: Path) -> None:
    assert built(source)[0].left_out == (
        "diagnoses_icd: 6 rows whose icd9_code is not in d_icd_diagnoses, such as 'none such'",
        "prescriptions: 6 rows whose dose is no whole number",
    )


def test_most_codes_without_a_dictionary_are_an_error(tmp_path: Path, tables: Tables) -> None:
    for row in tables["diagnoses_icd"][1:]:
        row[2] = f"{row[2]}.0"
    source = changed(tmp_path, tables)
    refused(source, r"diagnoses_icd\.csv: 18 rows whose icd9_code is not in .*'0010\.0', and 0 oth")


def test_a_stay_that_the_source_lacks_is_counted(tmp_path: Path, tables: Tables) -> None:
    cell(tables, "labevents", "hadm_id", 1, 777)
    notes = built(changed(tmp_path, tables))[0].left_out
    assert "labevents: 1 rows whose hadm_id is not in admissions, such as '777'" in notes


def test_a_stay_that_ends_before_it_begins_is_left_out(tmp_path: Path, tables: Tables) -> None:
    cell(tables, "admissions", "dischtime", 1, "2000-01-01 00:00:00")
    origin, rows = built(changed(tmp_path, tables))
    assert "admissions: 1 that end before they begin, such as hadm_id 8001" in origin.left_out
    assert [row[2] for row in rows["admissions"]] == [8002, 8003, 8004, 8005, 8006]


def test_a_table_that_ends_long_before_its_patients_is_doubted(tmp_path: Path) -> None:
    tables = mimic_iii(30)
    assert not any("whole?" in one for one in built(changed(tmp_path, tables))[0].left_out)
    whole = len(tables["labevents"])
    tables["labevents"] = tables["labevents"][: whole // 2]
    notes = built(write(tmp_path / "cut", tables, gz=False))[0].left_out
    assert [one for one in notes if "whole?" in one] == [
        "labevents: no row of the last 15 of 30 stays, but of 15 before: is the file whole?"
    ]


def test_doses_that_are_whole_numbers_are_read_as_such(tmp_path: Path, tables: Tables) -> None:
    cell(tables, "prescriptions", "dose_val_rx", 1, "1,000.00")
    rows = built(changed(tmp_path, tables))[1]["prescriptions"]
    assert rows[0][6] == "1000"


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        ("hadm_id", "8.001E+03", "need a whole number"),
        ("hadm_id", "0x1F41", "need a whole number"),
        ("hadm_id", "8001.5", "need a whole number"),
        ("hadm_id", "9" * 5000, "need a whole number of 64 bits"),
        ("valuenum", "<0.1", "need a number"),
        ("valuenum", "1:40", "need a number"),
        ("valuenum", "1-2", "need a number"),
        ("valuenum", "1,5", "need a number"),
        ("valuenum", "-inf", "need a number"),
        ("charttime", "2131-03-02 12:00:00+02:00", "need a date"),
        ("charttime", "2131-03-02 24:00:00", "need a date"),
        ("charttime", "2131-02-29", "need a date"),
        ("charttime", "03/02/2131 12:00 PM", "need a date"),
        ("charttime", "5086756800", "need a date"),
    ],
)
def test_a_value_that_would_lose_something_is_named(
    tmp_path: Path, tables: Tables, column: str, value: str, says: str
) -> None:
    cell(tables, "labevents", column, 1, value)
    refused(changed(tmp_path, tables), rf"labevents\.csv:2: column '{column}': .*{says}")
