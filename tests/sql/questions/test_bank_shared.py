"""The banks of treqs and seqsql on their synthetic databases: every entry fills, answers spread."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from taskkit.ehr.rendering.mimic_iii import generate
from taskkit.ehr.rendering.treqs import generate_treqs
from taskkit.sql.questions.bank import Bank
from taskkit.sql.questions.fill import Filler
from taskkit.sql.questions.question import Question
from taskkit.sqlite import connect, run

pytestmark = pytest.mark.slow
DOMAINS = Path(__file__).parents[3] / "domains"
PATIENTS = 400
WANTED = 10
MOST_COMMON = 0.2  # of a template's questions, which one answer may hold


def database(domain: str, path: Path) -> Path:
    if domain == "treqs":
        generate_treqs(path, domain=DOMAINS / "treqs", patients=PATIENTS)
    else:
        generate(path, domain=DOMAINS / "mimic", patients=PATIENTS)
    return path


@pytest.fixture(scope="module", params=["treqs", "seqsql"])
def filler(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Filler:
    path = database(request.param, tmp_path_factory.mktemp(request.param) / "db.sqlite")
    return Filler(Bank.load(DOMAINS / request.param), connect(path), 0)


@pytest.fixture(scope="module")
def questions(filler: Filler) -> dict[str, list[Question]]:
    return {
        name: [one for one in filler.fill(name, WANTED) if isinstance(one, Question)]
        for name in filler.bank.entries
    }


def test_every_query_prepares(filler: Filler) -> None:
    filler.bank.check(filler.connection)


def test_every_entry_fills_ten_times(questions: dict[str, list[Question]]) -> None:
    short = {name: len(made) for name, made in questions.items() if len(made) < WANTED}
    assert not short


def test_no_answer_is_too_common(questions: dict[str, list[Question]]) -> None:
    for name, made in questions.items():
        counts = Counter(
            json.dumps([one.expected, *(turn.expected for turn in one.follow_ups)]) for one in made
        )
        assert max(counts.values()) <= MOST_COMMON * len(made), name


def test_every_turn_gives_its_answer_by_itself(
    filler: Filler, questions: dict[str, list[Question]]
) -> None:
    for made in questions.values():
        for one in made[:3]:
            for sql in (one.sql, *(turn.sql for turn in one.follow_ups)):
                assert run(filler.connection, str(sql)).rows


def test_the_connection_is_never_written(filler: Filler) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        filler.connection.execute("create table x (a)")
