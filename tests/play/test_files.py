"""Files of tables are described, and errors about them are explained by what they hold."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from taskkit.play import texttable
from taskkit.play.files import FILES, FilesGuide
from taskkit.play.guide import Failure, Surroundings
from taskkit.play.texttable import read_table
from taskkit.sandbox.protocol import Program
from taskkit.spec.action import RequestInfo

CLINICAL = (
    "#Patient\tAge\tStage\tSeen\n#x\ty\tz\tw\n"
    "PATIENT_ID\tAGE\tSTAGE\tSEEN\n"
    "P1\t61.5\tII\t2019-02-03\nP2\tNA\tIII\t2020-02-03\nP3\t44\t\t2021-02-03\n"
    "P4\t50\tII\t2022-02-03\nP5\t70\tII #2\t0000-01-01\nP6\told\tI\t2019-02-04\n"
)
SAMPLES = "SAMPLE_ID,PATIENT_ID,TMB\nS1,1,1.5\nS2,2,2.5\n"


@pytest.fixture
def guide(tmp_path: Path) -> FilesGuide:
    files = {"clinical.txt": CLINICAL, "samples.csv": SAMPLES, "empty.csv": "", "head.csv": "A,B\n"}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "model.pkl").write_bytes(b"\0\1\2")
    return FilesGuide({path.name: path for path in tmp_path.iterdir()})


def ask(guide: FilesGuide, about: str, **more: object) -> str:
    request = {"action": "request_info", "about": about, **more}
    return guide.answer(RequestInfo.model_validate(request))


def test_files_are_listed_with_their_form(guide: FilesGuide) -> None:
    assert ask(guide, "files").splitlines() == [
        "/data/clinical.txt (183 bytes): 6 rows, 4 columns, separated by tabs, after 2 lines"
        " with #",
        "/data/empty.csv (0 bytes): empty: no names of columns",
        "/data/head.csv (4 bytes): 0 rows, 2 columns, separated by commas, no data below the names"
        " of the columns",
        "/data/model.pkl (3 bytes): no table of text",
        "/data/samples.csv (43 bytes): 2 rows, 3 columns, separated by commas",
    ]


def test_columns_have_types_missing_values_and_odd_cells(guide: FilesGuide) -> None:
    told = ask(guide, "columns", table="/data/clinical.txt").splitlines()
    assert told[1:5] == [
        "PATIENT_ID: text; such as 'P1', 'P2', 'P3'",
        "AGE: number; 1 missing; 1 of another type; row 6 is 'old'; such as '61.5', '44', '50'",
        "STAGE: text; 1 missing; such as 'II', 'III', 'II #2'",
        "SEEN: date; 1 of another type; row 5 is '0000-01-01'; such as '2019-02-03', '2020-02-03',"
        " '2021-02-03'",
    ]
    assert told[5:7] == ["First rows:", "P1 | 61.5 | II | 2019-02-03"]


def test_values_are_counted(guide: FilesGuide) -> None:
    told = ask(guide, "values", table="clinical.txt", column="stage").splitlines()
    assert told[:2] == ["STAGE of /data/clinical.txt: text, 1 missing", "'II'  (2 rows)"]
    told = ask(guide, "values", table="samples.csv", column="TMB").splitlines()
    assert told[1] == "from 1.5 to 2.5, median 2"


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        ({"about": "columns"}, 'To ask about columns, give a file as "table".'),
        ({"about": "columns", "table": "clinic.txt"}, "Perhaps you mean clinical.txt."),
        ({"about": "columns", "table": "model.pkl"}, "no table of text: 3 bytes."),
        ({"about": "values", "table": "samples.csv"}, 'To ask about values, give a "column".'),
        ({"about": "values", "table": "samples.csv", "column": "TBM"}, "Perhaps you mean TMB."),
    ],
)
def test_a_request_that_lacks_something_is_told_what(
    guide: FilesGuide, request_: dict[str, str], answer: str
) -> None:
    assert answer in ask(guide, **request_)


CODE = 'df = pd.read_csv("/data/clinical.txt", sep="\\t", skiprows=2)'


@pytest.mark.parametrize(
    ("name", "message", "code", "parts"),
    [
        ("KeyError", "'AGES'", CODE,
         ["Columns of /data/clinical.txt: PATIENT_ID, AGE, STAGE, SEEN. Perhaps AGE"]),
        ("KeyError", "'AGE'", 'pd.read_csv("/data/clinical.txt")',
         ["has tabs between its cells and 2 lines with #", "sep='\\t', skiprows=2"]),
        ("KeyError", "\"['TMB'] not in index\"", CODE + ' + "samples.csv"',
         ["TMB is a column of /data/samples.csv", "merge"]),
        ("ValueError", "could not convert string to float: 'old'", CODE,
         ["'old' stands in 1 cell of AGE (row 6), a column of number, of /data/clinical.txt"]),
        ("ValueError", "could not convert string to float: 'III'", CODE,
         ["'III' stands in 1 cell of STAGE, a column of text", "pd.get_dummies"]),
        ("ValueError", "year 0 is out of range: 0000-01-01", CODE,
         ["No day of the calendar: '0000-01-01' in row 5 of SEEN of /data/clinical.txt"]),
        ("OutOfBoundsDatetime", "Out of bounds nanosecond timestamp", CODE, ["row 5 of SEEN"]),
        ("ValueError", "You are trying to merge on object and int64 columns for key 'PATIENT_ID'. "
         "If you wish to proceed you should use pd.concat", CODE + "samples.csv",
         ["PATIENT_ID is a column of text in /data/clinical.txt",
          "PATIENT_ID is a column of whole number in /data/samples.csv", "astype(str)"]),
        ("ParserError", "Error tokenizing data. C error: Expected 1 fields in line 3, saw 4",
         'pd.read_csv("/data/clinical.txt")', ["skiprows=2"]),
        ("TypeError", "NaNs were detected in the dataset. Try using pd.isnull",
         CODE + '["AGE"]', ["missing values: AGE (1)", "dropna"]),
        ("ValueError", "Input X contains NaN.", CODE + '["STAGE"]', ["STAGE (1)"]),
        ("ConvergenceError", "delta contains nan value(s)", CODE, ["no maximum"]),
        ("ValueError", "Found input variables with inconsistent numbers of samples: [3, 4]", CODE,
         ["different rows"]),
        ("ValueError", "y_true takes value in {1}; needs at least 2 classes", CODE,
         ["value_counts()"]),
    ],
)  # fmt: skip
def test_an_error_is_explained_by_the_tables(
    guide: FilesGuide, name: str, message: str, code: str, parts: list[str]
) -> None:
    told = guide.hint(name, message, code)
    assert told is not None
    for part in parts:
        assert part in told


@pytest.mark.parametrize(
    ("name", "message"), [("ValueError", "too many values to unpack"), ("ZeroDivisionError", "x")]
)
def test_an_error_of_something_else_is_left_to_others(
    guide: FilesGuide, name: str, message: str
) -> None:
    assert guide.hint(name, message, CODE) is None


def test_a_comment_that_cuts_cells_is_remarked(guide: FilesGuide) -> None:
    code = 'pd.read_csv("/data/clinical.txt", sep="\\t", comment="#")'
    failure = Failure(program=Program("python", code))
    assert guide.remarks(failure) == [
        '/data/clinical.txt has # inside a cell (row 5): comment="#" cuts the row there. Use '
        "skiprows=2."
    ]
    assert guide.remarks(Failure(program=Program("python", CODE))) == []


def test_a_file_too_large_to_look_through_says_so(
    guide: FilesGuide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(texttable, "READ", 37)
    assert "1 rows at least, in the part that was looked at" in guide.line("samples.csv")


def test_types_of_a_large_table_are_those_of_its_first_rows(
    guide: FilesGuide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(texttable, "CELLS", 9)
    told = ask(guide, "columns", table="clinical.txt").splitlines()
    assert told[0].startswith("/data/clinical.txt: 6 rows")
    assert told[1] == "(of the first 2 rows:)"
    assert told[3] == "AGE: number; 1 missing; such as '61.5'"


def test_a_gigabyte_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    path.write_text("A,B\n" + "1,2\n" * 2000)
    os.truncate(path, 1024**3)
    table = read_table(path, "large.csv")
    assert table is not None
    assert not table.whole
    assert table.rows == 2000


def test_rows_of_another_width_are_told(tmp_path: Path) -> None:
    path = tmp_path / "ragged.csv"
    path.write_text("A,B\n1,2\n1,2,3\n")
    table = read_table(path, "ragged.csv")
    assert table is not None
    assert table.ragged == (2, 3)


def test_a_guide_is_made_where_there_are_tables_of_text(tmp_path: Path) -> None:
    def made(name: str) -> FilesGuide | None:
        (tmp_path / name).write_text("A\n1\n")
        files = {name: tmp_path / name}
        return FILES.make(Surroundings(None, files, tmp_path, {}, str))  # type: ignore[arg-type]

    assert made("notes.sqlite") is None
    assert made("table.csv") is not None
