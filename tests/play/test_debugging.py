"""An error is explained by the schema, the data and the program at fault."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taskkit.play.debugging import explain
from taskkit.play.guide import Failure
from taskkit.play.stage import Stage
from taskkit.sandbox.protocol import Program
from tests.play.fake_sandbox import TIMEOUT
from tests.play.hospital import task


def explained(stage: Stage, sha256: str, language: str, code: str) -> str:
    """Run a program that fails, and ask why."""
    asset = {"name": "hospital.sqlite", "sha256": sha256}
    environment = {"image": "sql", "assets": [asset], "database": "hospital.sqlite"}
    with stage.episode(task(sha256, environment=environment)) as episode:
        episode.step({"action": "code_execution", "language": language, "code": code})
        return episode.step({"action": "debugging"}).text


@pytest.mark.parametrize(
    ("code", "parts"),
    [
        ("SELECT p.subjectid FROM patients p",
         ["p is patients", "no column 'subjectid'", "mean subject_id", "subject_id, gender, dob"]),
        ("SELECT admittime FROM patients", ["Table patients has no column", "is in admissions"]),
        ("SELECT foo.x FROM patients", ["no table or alias 'foo'", "It names: patients"]),
        ("SELECT drug FROM patients JOIN admissions USING (subject_id)",
         ["No table of the query has a column 'drug'", "it is in prescriptions"]),
        ("SELECT subject_id FROM patients p JOIN admissions AS a ON p.subject_id = a.subject_id",
         ["Write p.subject_id or a.subject_id"]),
        ("SELECT * FROM patient", ["no table 'patient'", "Perhaps you mean patients"]),
        ("SELECT year(dob) FROM patients", ["no function year()", "strftime('%Y', x)"]),
        ("SELECT datediff(dob, dob) FROM patients", ["julianday(a) - julianday(b)"]),
        ("SELECT frobnicate(dob) FROM patients", ["no function frobnicate()"]),
        ("SELECT TOP 3 * FROM patients", ["LIMIT n", "line 1: SELECT TOP 3"]),
        ("SELECT *\\nFROM patients\\nWHER dob = 1", ["Perhaps WHER should be WHERE", "line 3"]),
        ("SELECT * FROM patients WHERE count(*) > 1", ["HAVING"]),
        ("SELECT (1", ["ends too early"]),
        ("SELECT 'a", ["quote is not closed"]),
        ("SELECT 1; SELECT 2", ["several statements"]),
        ("SELECT 1 UNION SELECT 1, 2", ["Both sides of UNION"]),
        ("SELECT (SELECT 1, 2)", ["A subquery gives 2 columns where 1"]),
        ("DELETE FROM patients", ["only to be read"]),
        ("SELECT * FROM prescriptions WHERE drug = 'asprin'",
         ["gave no rows", "'asprin' occurs in no row of prescriptions.drug", "'aspirin'"]),
        ("SELECT count(*) FROM patients AS p WHERE p.gender = 'female'",
         ["'female' occurs in no row of patients.gender", "Its values: 'f', 'm'"]),
        ("SELECT * FROM patients WHERE gender IN ('f', 'x')", ["'x' occurs in no row"]),
        ("SELECT * FROM patients WHERE gender > 5", ["letter by letter", "CAST(gender AS REAL)"]),
        ("SELECT * FROM patients WHERE 99 = subject_id", ["99 occurs in no row"]),
        ("SELECT * FROM admissions WHERE insurance = 'private' AND age > 100",
         ["gave no rows", "100 lies beyond admissions.age, which runs from 39.0 to 50.5"]),
        ("SELECT * FROM admissions WHERE insurance = 'private' AND age > 45",
         ["gave no rows", "Together the conditions keep no row"]),
        (TIMEOUT, ["longer than 30 s", "JOIN"]),
    ],
)  # fmt: skip
def test_sql(stage: Stage, sha256: str, code: str, parts: list[str]) -> None:
    text = explained(stage, sha256, "sql", code.replace("\\n", "\n"))
    assert [part for part in parts if part not in text] == []


@pytest.mark.parametrize(
    ("code", "parts"),
    [
        ("x = {'subject_id': 1}\nprint(x['subjectid'])",
         ["KeyError", "line 2: print(x['subjectid'])", "Near 'subjectid': subject_id"]),
        ("value_count = 1\nprint(valuecount)", ["NameError", "Near 'valuecount': value_count"]),
        ("prnt(1)", ["Near 'prnt': print"]),
        ("import torch", ["not installed", "duckdb, numpy, pandas"]),
        ("def f():\n  return 1 / 0\nf()", ["division by zero", "line 2: return 1 / 0"]),
        ("open('x.csv')", ["no such file", "/data/hospital.sqlite"]),
        ("def f(:", ["no valid Python", "line 1: def f(:"]),
        ("raise ValueError('x\\ny')", ["ValueError", "(x)"]),
        ("import sqlite3\nsqlite3.connect(':memory:').execute('SELECT * FROM patients')",
         ["another database", "/data/hospital.sqlite"]),
        (TIMEOUT, ["longer than 30 s", "row by row"]),
    ],
)  # fmt: skip
def test_python(stage: Stage, sha256: str, code: str, parts: list[str]) -> None:
    text = explained(stage, sha256, "python", code)
    assert [part for part in parts if part not in text] == []


@pytest.mark.parametrize(
    ("status", "part"),
    [("out_of_memory", "1024 MiB"), ("output_limit", "256 KiB"), ("killed", "signal")],
)
def test_a_program_that_was_stopped(sha256: str, status: Any, part: str) -> None:
    failure = Failure("", Program("python", "x = 1"), status)
    assert part in str(explain(failure, (), task(sha256).environment))


def test_a_given_error_is_explained_instead(stage: Stage, sha256: str) -> None:
    with stage.episode(task(sha256)) as episode:
        text = episode.step(
            {"action": "debugging", "error": "OperationalError: no such table: admission"}
        ).text
        assert "Perhaps you mean admissions" in text
        assert (
            "reads: gibberish" in episode.step({"action": "debugging", "error": "gibberish"}).text
        )


def test_without_an_error_there_is_nothing_to_explain(stage: Stage, sha256: str) -> None:
    with stage.episode(task(sha256)) as episode:
        assert episode.step({"action": "debugging"}).text == "There is no error to explain."


def test_an_error_that_was_left_behind_is_not_explained_again(stage: Stage, sha256: str) -> None:
    with stage.episode(task(sha256)) as episode:
        for code in ("SELECT * FROM patient", "SELECT 1"):
            episode.step({"action": "code_execution", "language": "sql", "code": code})
        text = episode.step({"action": "debugging"}).text
    assert "patient" not in text
    assert text.startswith("The last program ended well")


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("SELECT count(*) FROM patients WHERE 1 = 2", "No row was counted"),
        ("SELECT max(subject_id) FROM patients WHERE 1 = 2", "No row met the conditions"),
        (
            "SELECT 1 FROM patients p JOIN admissions a ON a.row_id = p.row_id",
            "row_id numbers the rows of each table by itself",
        ),
        ("SELECT dischtime - admittime FROM admissions", "Use julianday(a) - julianday(b)"),
        ("SELECT datetime('now')", "the current time that the task states"),
    ],
    ids=["zero", "null", "row_id", "times", "now"],
)
def test_a_mistake_that_runs_is_spoken_of(stage: Stage, sha256: str, code: str, says: str) -> None:
    with stage.episode(task(sha256)) as episode:
        episode.step({"action": "code_execution", "language": "sql", "code": code})
        text = episode.step({"action": "debugging"}).text
    assert says in text


def test_a_name_of_an_earlier_program_is_gone_and_said_so(stage: Stage, sha256: str) -> None:
    with stage.episode(task(sha256)) as episode:
        episode.step({"action": "code_execution", "language": "python", "code": "print(zzqx)"})
        text = episode.step({"action": "debugging"}).text
    assert "Nothing persists between programs" in text


FRAGMENTS = st.sampled_from(
    ["no such column: ", "no such table: ", "ambiguous column name: ", 'near "', '": syntax error',
     "Traceback (most recent call last):\n", '  File "<program>", line 99\n', "KeyError: ", ".",
     "Error", ": ", "\n", "SELECT ", " FROM patients ", "'", '"', "misuse of aggregate: ", "%\\1"]
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(
    st.lists(FRAGMENTS | st.text(max_size=9), max_size=8).map("".join),
    st.lists(FRAGMENTS | st.text(max_size=9), max_size=8).map("".join),
    st.sampled_from(["sql", "python", "shell"]),
)
def test_no_error_text_raises(
    stage: Stage, sha256: str, error: str, code: str, language: Any
) -> None:
    spec = task(sha256)
    with stage.episode(spec) as episode:
        failure = Failure(error, Program(language, code), "error")
        made = explain(failure, episode._guides, spec.environment)
    assert made is None or made
