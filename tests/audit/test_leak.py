"""An answer that can be read in the prompt, an earlier turn or a document is found."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from taskkit.audit.leak import readable
from taskkit.spec.task import TaskSpec
from taskkit.spec.wording import describe
from taskkit.sql.mutants.trial import Trials
from taskkit.sql.readout import read_out
from tests.audit.ward import ward
from tests.spec.example import task

TIME = "2100-01-01 10:00:00"
ROW = "select row_id from prescriptions where subject_id = 3 and row_id < 5"


def asking(text: str, expected: object, **more: Any) -> TaskSpec:
    return task(instruction=text, oracle={"kind": "exact", "expected": expected}, **more)


@pytest.fixture
def trials(tmp_path: Path) -> Iterator[Trials]:
    made = Trials(ward(tmp_path / "ward.sqlite"))
    yield made
    made.close()


def test_an_earlier_turn_gives_it_away() -> None:
    spec = asking("When was it?", TIME, answer={"kind": "date"})
    assert not list(readable(spec, ["Who came?"], []))
    (found,) = readable(spec, [f"Who came at {TIME}?"], [])
    assert found.code == "answer_in_prompt"


def test_a_document_gives_a_time_away_but_not_a_word() -> None:
    date = asking("When was it?", TIME, answer={"kind": "date"})
    assert list(readable(date, [], [f"The first came at {TIME}."]))
    word = asking("Which insurance?", "medicare", answer={"kind": "string"})
    assert not list(readable(word, [], ["insurance: medicare or private"]))


def test_the_form_of_the_answer_gives_nothing_away() -> None:
    column = {"name": "insurance", "type": {"kind": "string"}}
    kind = {"kind": "table", "columns": [column]}
    plain = asking("What is listed?", [["insurance"]], answer=kind)
    spec = asking(f"What is listed?\n\n{describe(plain.answer)}", [["insurance"]], answer=kind)
    assert not list(readable(spec, [], []))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Patient 3 was given aspirin ec, 81.5 mg, on 2100-04-01. Which row is it?", 1),
        ("Patient 3 was given aspirin ec on 2100-04-01. Which row is it?", 0),
        ("Which row of patient 3 is the first?", 0),
    ],
    ids=["three cells", "two cells", "none"],
)
def test_a_row_that_is_read_out(trials: Trials, text: str, found: int) -> None:
    assert len(list(read_out(asking(text, 4), ROW, [], trials))) == found


def test_values_that_the_query_names_are_not_held_against_it(trials: Trials) -> None:
    sql = "select row_id from prescriptions where drug = 'd5w' and startdate = '2100-04-02'"
    spec = asking("Which row has d5w on 2100-04-02?", 5)
    assert not list(read_out(spec, sql, [], trials))


@pytest.mark.parametrize(
    "sql",
    [
        "select count(*) from prescriptions",
        "select drug from prescriptions group by drug",
        "select 1 union select 2",
        "no query",
    ],
)
def test_rows_made_of_several_hold_nothing(trials: Trials, sql: str) -> None:
    text = "Patient 3 was given aspirin ec, 81.5 mg, on 2100-04-01. Which row is it?"
    assert not list(read_out(asking(text, 4), sql, [], trials))
