"""Mutants of a question are compared on other patients while it is being made."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from taskkit.audit.mutant import Key
from taskkit.build.origin import Origin
from taskkit.spec.answer import CollectionAnswer, IntegerAnswer
from taskkit.spec.environment import Asset
from taskkit.sql.ground import Ground
from taskkit.sql.mutants.family import split
from taskkit.sql.mutants.trial import Trials
from taskkit.sql.other_patients import OtherPatients
from taskkit.sql.questions.question import Next, Question
from tests.audit.ward import ward

SQL = "select hadm_id from admissions where subject_id = {} and insurance = '{}' and age > 0"
GROUND = Ground(
    "ward",
    "sql",
    Asset(name="ward.sqlite", sha256="0" * 64),
    (),
    Origin("Synthetic ward", "Apache-2.0", "open", "0" * 64),
    None,
)
STAYS = CollectionAnswer(kind="set", item=IntegerAnswer(kind="integer"))


def question() -> Question:
    """About a patient all of whose stays are on one insurance, and then of another one."""
    one = Question(
        record="stays 1",
        record_sha256="0" * 64,
        category="count",
        split="train",
        text="Which stays of patient 1 were on medicare?",
        sql=SQL.format(1, "medicare"),
        answer=STAYS,
        expected=[11],
        follow_ups=(Next("And of patient 3?", SQL.format(3, "medicare"), STAYS, [14]),),
    )
    return one


def key(kind: str, about: str) -> Key:
    return split(SQL.format(1, "medicare"))[0].names[kind, about]


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Trials]:
    made = Trials(ward(tmp_path / "ward.sqlite"))
    yield made
    made.close()


@pytest.mark.parametrize("turn", [0, 1])
def test_a_mutant_that_other_patients_tell_differs(own: Trials, turn: int) -> None:
    elsewhere = OtherPatients(GROUND, own, [own.path])
    assert elsewhere.differs(question(), turn, key("predicate_dropped", "condition insurance"))
    assert not elsewhere.differs(question(), turn, key("predicate_dropped", "condition age"))


def test_without_other_patients_nothing_is_known(own: Trials) -> None:
    lost = key("predicate_dropped", "condition insurance")
    assert not OtherPatients(GROUND, own, []).differs(question(), 0, lost)
