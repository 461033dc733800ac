"""Published answers are recomputed and counted; a record whose answer is contradicted is named."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any, cast

import pytest
from pydantic import ValidationError

from taskkit.build.origin import silent
from taskkit.spec.manifest import PublishedAnswers
from taskkit.sql.published_answers import Checked, checked
from taskkit.sql.questions.published import Published
from taskkit.sql.questions.publisher import PublisherOptions


@dataclass
class Site:
    connection: sqlite3.Connection
    options: PublisherOptions


def records(*answers: str | None) -> list[Published]:
    return [
        Published(f"q{n}", "0" * 64, "valid", "How many?", f"select {n}", answer=answer)
        for n, answer in enumerate(answers)
    ]


def check(asked: list[Published]) -> Checked:
    options = PublisherOptions(current_time="2105-12-31 23:59:00")
    site = cast(Any, Site(sqlite3.connect(":memory:"), options))
    return checked(site, asked, silent)


def test_a_contradicted_record_is_put_aside_by_name() -> None:
    right = [f"[['{n}']]" for n in range(19)]
    found = check(records(*right, "[['7']]"))
    assert found.counts == PublishedAnswers(compared=20, agree=19, contradicted=1)
    assert [(one.record, one.code) for one in found.contradicted] == [("q19", "label_disagrees")]
    assert found.contradicted[0].evidence is not None
    assert found.contradicted[0].evidence["computed"] == '[["19.0"]]'
    assert [one.record for one in found.kept] == [f"q{n}" for n in range(19)]


def test_an_answer_that_cannot_be_read_is_neither_right_nor_wrong() -> None:
    found = check(records("[['0']]", "no list"))
    assert found.counts == PublishedAnswers(compared=1, agree=1, unread=1)
    assert len(found.kept) == 2


def test_answers_that_were_made_on_other_data_contradict_nothing() -> None:
    found = check(records("[['5']]", "[['5']]", "[['2']]"))
    assert (found.counts, found.contradicted) == (PublishedAnswers(unread=3), ())
    assert found.notes == (
        "1 of 3 published answers come out the same: they were made on other data, and contradict"
        " nothing here",
    )


def test_queries_without_answers_are_told_so() -> None:
    found = check(records(None))
    assert (found.counts.compared, len(found.kept)) == (0, 1)
    assert found.notes == ("the publisher gives queries and no answers: none was compared",)


def test_counts_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(ValidationError, match="compared 3: need agree"):
        PublishedAnswers(compared=3, agree=1, contradicted=1)
