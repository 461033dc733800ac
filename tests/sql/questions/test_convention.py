"""What a published question leaves unsaid is said, and words that part from the query are found."""

from __future__ import annotations

import sqlite3

import pytest

from taskkit.build.rejection import Rejection
from taskkit.sql.questions.convention import contradictions, unsaid
from taskkit.sql.questions.published import Published
from taskkit.sql.questions.publisher import PublisherOptions, answer_question
from taskkit.sql.questions.question import Question
from taskkit.sql.questions.shape import shape_of

TOP = (
    "select t1.drug from (select drug, dense_rank() over (order by count(*) desc) as c1 "
    "from prescriptions group by drug) as t1 where t1.c1 <= 2"
)
SURVIVAL = "select sum(case when dod is null then 1 else 0 end) * 100 / count(*) from patients"
NOW = "2105-12-31 23:59:00"


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        (TOP, "What is tied shares a rank: give all of the first 2 ranks."),
        ("select t.c from (select percent_rank() over (order by v) as c from t) as t",
         "Give the percentile as a number from 0 to 1, as SQL's percent_rank() does."),
        (SURVIVAL, "Survival is a whole percentage, cut off; mortality is 100 less survival."),
        ("select drug from prescriptions limit 2", ""),
        ("select case when dod is null then 1 else 0 end from patients", ""),
    ],
    ids=["ties", "percentile", "survival", "limit", "no rate"],
)  # fmt: skip
def test_ties_percentiles_and_rates_are_said(sql: str, said: str) -> None:
    assert unsaid(shape_of(sql, "What?").tree) == said


@pytest.mark.parametrize(
    ("text", "sql", "number"),
    [
        ("Any treatment since 2105?", "strftime('%Y', t) = '2105'", 1),
        ("Any treatment since 2105?", "strftime('%Y', t) >= '2105'", 0),
        ("Any treatment until 2104?", "strftime('%Y', t) = '2104'", 1),
        ("Any treatment until 2104 days ago?", "datetime(t) <= datetime(now, '-2104 day')", 0),
        ("Any treatment in 2105?", "strftime('%Y', t) = '2105'", 0),
        ("Drugs more than 2 days ago after it?", "datetime(t1.t, '+2 day')", 1),
        ("Drugs within 2 days after it?", "datetime(t1.t, '+2 day')", 0),
        ("Drugs of more than 2 days ago?", "datetime(now, '-2 day')", 0),
    ],
)
def test_words_that_part_from_the_query_are_found(text: str, sql: str, number: int) -> None:
    assert len(list(contradictions(text, sql))) == number


@pytest.fixture
def db() -> sqlite3.Connection:
    made = sqlite3.connect(":memory:")
    made.execute("create table prescriptions (drug text, startdate text)")
    rows = [("a", 3), ("b", 2), ("c", 2), ("d", 1)]
    for drug, count in rows:
        made.executemany(
            "insert into prescriptions values (?, '2105-03-01 00:00:00')", [(drug,)] * count
        )
    return made


def published(text: str, sql: str) -> Published:
    return Published(record="r", sha256="0" * 64, split="valid", text=text, sql=sql)


def test_the_question_says_that_all_that_tie_are_wanted(db: sqlite3.Connection) -> None:
    options = PublisherOptions(current_time=NOW)
    made = answer_question(published("What are the top 2 drugs?", TOP), db, options)
    assert isinstance(made, Question)
    assert made.text.endswith("drugs? What is tied shares a rank: give all of the first 2 ranks.")
    assert made.expected == ["a", "b", "c"]


def test_no_question_is_told_apart_by_it_where_some_have_no_answer(db: sqlite3.Connection) -> None:
    options = PublisherOptions(current_time=NOW, guessable=True)
    made = answer_question(published("What are the top 2 drugs?", TOP), db, options)
    assert isinstance(made, Question)
    assert made.text == "What are the top 2 drugs?"


def test_a_question_about_another_span_than_its_query_is_put_aside(db: sqlite3.Connection) -> None:
    sql = "select drug from prescriptions where strftime('%Y', startdate) = '2105'"
    made = answer_question(
        published("Which drugs since 2105?", sql), db, PublisherOptions(current_time=NOW)
    )
    assert isinstance(made, Rejection)
    assert (made.code, made.detail) == (
        "ambiguous_wording",
        "the question says since 2105, the query is about 2105 alone",
    )
