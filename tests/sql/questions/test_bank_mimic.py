"""The mimic bank on the synthetic database: every template fills, and guessing does not pay."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator

import pytest

from taskkit.ehr.rendering.mimic_iii import generate
from taskkit.sql.questions.bank import Bank
from taskkit.sql.questions.fill import Filler
from taskkit.sql.questions.plan import Pilot, capacity, ceiling, plan
from taskkit.sql.questions.question import Question
from taskkit.sqlite import connect, run
from tests.sql.questions.clinic import DOMAIN

pytestmark = pytest.mark.slow
PATIENTS = 400
SET_SHARE, CATEGORY_SHARE = 0.05, 0.2


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path = tmp_path_factory.mktemp("mimic") / "mimic.sqlite"
    generate(path, domain=DOMAIN, patients=PATIENTS)
    connection = connect(path)
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def filler(database: sqlite3.Connection) -> Filler:
    return Filler(Bank.load(DOMAIN), database, 0)


@pytest.fixture(scope="module")
def questions(filler: Filler) -> list[Question]:
    most = ceiling(3000, len(filler.bank.entries))
    found = {
        name: capacity(filler, name, Pilot.of(filler, name), ceiling=most)
        for name in filler.bank.entries
    }
    return [
        result
        for share in plan(found, 3000)
        for result in filler.fill(share.template, share.count, part=share.part, parts=share.parts)
        if isinstance(result, Question)
    ]


def test_every_template_fills_twenty_times(filler: Filler) -> None:
    short = {}
    for name in filler.bank.entries:
        made = sum(isinstance(result, Question) for result in filler.fill(name, 20))
        if made < 20:
            short[name] = made
    assert not short


def test_a_plan_is_nearly_met(questions: list[Question]) -> None:
    assert 2850 <= len(questions) <= 3000


def test_no_answer_is_right_for_many(questions: list[Question]) -> None:
    by_category: dict[str, Counter[str]] = defaultdict(Counter)
    for question in questions:
        by_category[question.category][json.dumps(question.expected)] += 1
    for category, answers in by_category.items():
        assert answers.most_common(1)[0][1] <= CATEGORY_SHARE * answers.total(), category
    whole = sum(by_category.values(), Counter[str]())
    assert whole.most_common(1)[0][1] <= SET_SHARE * whole.total()


def test_every_category_has_its_part(questions: list[Question]) -> None:
    counts = Counter(question.category for question in questions)
    assert min(counts.values()) >= 0.5 * len(questions) / len(counts)


def test_no_question_is_asked_twice(questions: list[Question]) -> None:
    assert len({question.text for question in questions}) == len(questions)
    assert len({question.record for question in questions}) == len(questions)


def test_the_sql_gives_the_answer_without_the_filler(
    questions: list[Question], database: sqlite3.Connection
) -> None:
    for question in questions[::29]:
        assert question.sql is not None
        rows = run(database, question.sql).rows
        if isinstance(question.expected, list):
            assert len(rows) == len(question.expected)
        else:
            assert rows[0][0] == pytest.approx(question.expected)


def test_nothing_is_left_open_in_a_question(questions: list[Question]) -> None:
    for question in questions:
        assert not set("{}\n") & set(question.text)
        assert "  " not in question.text
