"""Questions that slightly wrong queries answer too are left out where others tell the two apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from taskkit.audit.mutant import Key, Mutant
from taskkit.build.rejection import Rejection
from taskkit.spec.answer import CollectionAnswer, IntegerAnswer
from taskkit.sql.mutants.contrast import Contrast
from taskkit.sql.mutants.family import split
from taskkit.sql.mutants.question_filter import MAX_STEPS, SURE, QuestionFilter, mutants, tried
from taskkit.sql.mutants.trial import Trials
from taskkit.sql.publishing import shards
from taskkit.sql.questions.fill import Check
from taskkit.sql.questions.plan import Pilot, Share
from taskkit.sql.questions.published import Published
from taskkit.sql.questions.question import Next, Question
from taskkit.sql.scouting import PATIENCE, Demand, Piece
from taskkit.sql.site import Site
from taskkit.sqlite import BudgetError, TooManyRowsError
from tests.audit.ward import ward

STAYS = (
    "select hadm_id from admissions where subject_id = {} and insurance in ('{}', 'none')"
    " and age > 0"
)
PATIENTS = {1: "medicare", 2: "private", 3: "medicare", 4: "private", 5: "private"}
WEAK = (1, 2, 3)  # all their stays are on one insurance
STAYED = {1: [11], 2: [12, 13], 3: [14], 4: [15], 5: [18]}


@pytest.fixture
def trials(tmp_path: Path) -> Iterator[Trials]:
    made = Trials(ward(tmp_path / "ward.sqlite"))
    yield made
    made.close()


def question(patient: int, *follow_ups: Next) -> Question:
    return Question(
        record=f"stays {patient}",
        record_sha256="0" * 64,
        category="count",
        split="train",
        text=f"Which stays of patient {patient} were on {PATIENTS[patient]}?",
        sql=STAYS.format(patient, PATIENTS[patient]),
        answer=CollectionAnswer(kind="set", item=IntegerAnswer(kind="integer")),
        expected=list(STAYED[patient]),
        follow_ups=follow_ups,
    )


def follow_up(patient: int) -> Next:
    one = question(patient)
    return Next(one.text, str(one.sql), one.answer, one.expected)


def dropped(missed: list[str]) -> bool:
    return any("predicate_dropped: insurance IN" in one for one in missed)


def test_a_mutant_that_some_of_the_pilot_tell_must_be_told_by_all(trials: Trials) -> None:
    learnt = QuestionFilter.of([question(n) for n in PATIENTS], trials)
    assert (0, "predicate_dropped", "condition insurance") in learnt.telling
    assert dropped(learnt.missed(question(1), trials))
    assert learnt.missed(question(4), trials) == []


def test_a_mutant_that_none_of_the_pilot_tell_is_let_pass(trials: Trials) -> None:
    learnt = QuestionFilter.of([question(n) for n in WEAK], trials)
    assert "predicate_dropped" not in {kind for _, kind, _ in learnt.telling}
    assert learnt.missed(question(1), trials) == []


@pytest.mark.parametrize(("passing", "allowed"), [(2, 1), (3, 0)])
def test_where_hardly_any_question_tells_a_mutant_it_may_be_missed(
    trials: Trials, passing: int, allowed: int
) -> None:
    patients = [4] * passing + [1] * (16 - passing)
    pilot = [replace(question(n), record=f"pilot {k}") for k, n in enumerate(patients)]
    learnt = QuestionFilter.of(pilot, trials)
    assert learnt.allowed == allowed
    assert dropped(learnt.missed(question(2), trials)) == (passing == 3)


def test_a_question_that_tells_all_is_waited_for_and_not_for_ever(trials: Trials) -> None:
    pilot = [replace(question(4 if k < 2 else 1), record=f"pilot {k}") for k in range(16)]
    demand = Demand(QuestionFilter.of(pilot, trials), trials, strictness=2)
    said = [demand(question(1)) for _ in range(6)]
    waits = "predicate_dropped: insurance IN ('medicare', 'none') -> TRUE"
    assert said == [waits, waits, None, waits, waits, None]
    content = Demand(QuestionFilter.of(pilot, trials), trials, strictness=0)
    assert content(question(1)) is None


def test_what_only_other_data_tell_must_be_told_by_every_question(trials: Trials) -> None:
    lost = split(STAYS.format(4, "private"))[0].names["predicate_dropped", "condition insurance"]
    asked: list[tuple[int, str]] = []

    def differs(question: Question, turn: int, key: Key) -> bool:
        asked.append((turn, key[0]))
        return key == lost

    pilot = [question(n) for n in WEAK]
    learnt = QuestionFilter.of(pilot, trials, differs)
    assert (0, "predicate_dropped", "condition insurance") in learnt.telling
    assert (0, "constant") in asked  # none of them tells it, and neither do the other data
    assert dropped(learnt.missed(question(2), trials, strict=True))
    assert learnt.missed(question(4), trials, strict=True) == []
    assert not learnt.passes(pilot[0], strict=True)


def test_what_takes_too_long_in_the_pilot_is_tried_once_a_question_passes(
    trials: Trials, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = trials.rows

    def rows(*asked: object, max_steps: int, **rest: object) -> object:
        if max_steps == MAX_STEPS:
            raise BudgetError("too long")
        return plain(*asked, max_steps=max_steps, **rest)  # type: ignore[arg-type]

    monkeypatch.setattr(trials, "rows", rows)
    pilot = [question(1), question(4)]
    lost = split(STAYS.format(4, "private"))[0].names["constant", "condition insurance 2"]
    learnt = QuestionFilter.of(pilot, trials, lambda question, turn, key: key == lost)
    assert all(learnt.passes(one, strict=True) for one in pilot)  # nothing was judged
    assert learnt.missed(question(4), trials) == ["constant: 'none' -> 'private'"]


def test_mutants_of_one_kind_that_touch_alike_have_names_of_their_own(trials: Trials) -> None:
    family, values = split(STAYS.format(4, "private"))
    named = {(one.kind, one.about): one for one in family.mutants(values, trials.neighbour)}
    first, second = (
        named["constant", "condition insurance"],
        named["constant", "condition insurance 2"],
    )
    assert first.change == "'private' -> 'medicare'"
    assert second.change == "'none' -> 'private'"
    assert family.names["constant", "condition insurance 2"] == second.key


def test_questions_that_tell_too_little_are_turned_down_for_a_while_only(trials: Trials) -> None:
    class Filled:
        def fill(self, *told: object, check: Check, **rest: object) -> Iterator[object]:
            for number in (4, *[1] * 300):
                one = replace(question(number), record="another")
                yield Rejection(one.record, "indistinct", why) if (why := check(one)) else one

    pilot = [question(n) for n in PATIENTS]
    piece = Piece(
        Share("stays", 0, 1, 9), Pilot(tuple(pilot)), QuestionFilter.of(pilot, trials), strict=True
    )
    made = list(piece.fill(cast(Site, SimpleNamespace(filler=Filled(), trials=trials))))
    assert [isinstance(one, Question) for one in made] == [True, *[False] * 2 * PATIENCE]


def test_every_turn_of_a_dialogue_is_sifted(trials: Trials) -> None:
    pilot = [question(4, follow_up(n)) for n in (4, 5, 1)]
    learnt = QuestionFilter.of(pilot, trials)
    assert (1, "predicate_dropped") in {name[:2] for name in learnt.telling}
    assert dropped(learnt.missed(question(4, follow_up(1)), trials))


def test_no_mutant_is_tried_twice_on_a_question_of_the_pilot(
    trials: Trials, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: Counter[tuple[str, Key]] = Counter()

    def counted(turn: Question, mutant: Mutant, *rest: Any, **named: Any) -> object:
        asked[turn.record, mutant.key] += 1
        return tried(turn, mutant, *rest, **named)

    monkeypatch.setattr("taskkit.sql.mutants.question_filter.tried", counted)
    learnt = QuestionFilter.of([question(n) for n in PATIENTS], trials)
    found = [learnt.missed(question(n), trials) for n in PATIENTS]
    assert list(map(bool, found)) == [True, True, True, False, False]
    assert asked
    assert set(asked.values()) == {1}


def test_a_query_is_stopped_at_the_first_row_too_many(trials: Trials) -> None:
    endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select i from n"
    with pytest.raises(TooManyRowsError):
        trials.rows(endless, {}, max_steps=1_000_000, most=3)


def test_a_costly_mutant_is_asked_about_once(
    trials: Trials, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    plain = trials.rows

    def rows(sql: str, *rest: object, **named: object) -> object:
        asked.append(sql)
        return plain("with recursive n(i) as (select 1 union all select i + 1 from n)"
                     " select max(i) from n", {}, max_steps=0, most=1)  # fmt: skip

    monkeypatch.setattr(trials, "rows", rows)
    pilot = [question(4)] * SURE
    QuestionFilter.of(pilot, trials)
    assert len(asked) == len({m.about + m.kind for m in mutants(pilot[0], trials)})


def test_neighbours_are_the_next_values_of_a_column(trials: Trials) -> None:
    assert trials.neighbour("admissions", "insurance", "medicaid") == "medicare"
    assert trials.neighbour("admissions", "insurance", "private") == "medicare"
    assert trials.neighbour("admissions", "age", 40) == 50.5


def test_only_the_mutants_wanted_are_made_and_keep_their_keys(trials: Trials) -> None:
    family, values = split(STAYS.format(4, "private"))
    every = list(family.mutants(values, trials.neighbour))
    wanted = {(every[-1].kind, every[-1].about)}
    some = list(family.mutants(values, trials.neighbour, wanted=wanted))
    assert some == [one for one in every if (one.kind, one.about) in wanted]
    assert 0 < len(some) < len(every)


def test_of_several_values_those_are_chosen_that_tell_most(trials: Trials) -> None:
    candidates = iter([question(n) for n in (1, 2, 4, 5)])
    assert Contrast(trials).best(candidates) == question(4)


def test_a_question_with_no_better_values_is_refused_by_what_others_tell(trials: Trials) -> None:
    contrast = Contrast(trials)
    looks = {n: contrast.look(question(n)) for n in PATIENTS}
    assert [n for n, look in looks.items() if dropped(contrast.missed(look))] == list(WEAK)


def test_what_nobody_tells_is_not_held_against_the_only_question(trials: Trials) -> None:
    assert Contrast(trials).best(iter([question(1)])) == question(1)


def test_an_earning_mutant_gives_the_answer_on_these_data(trials: Trials) -> None:
    found = {}
    for patient in (1, 4):
        every = mutants(question(patient), trials)
        lost = next(one for one in every if one.change.startswith("insurance IN"))
        found[patient] = lost.kind, tried(question(patient), lost, trials).earns
    assert found == {1: ("predicate_dropped", True), 4: ("predicate_dropped", False)}


def test_records_that_differ_in_values_only_are_one_unit_of_work() -> None:
    def record(number: int, sql: str) -> Published:
        return Published(f"{number}", "0" * 64, "train", "?", sql)

    records = [
        record(n, f"select {'age' if n % 2 else 'hadm_id'} from admissions where age > {n}")
        for n in range(120)
    ]
    made = shards(records)
    assert [len(one) for one in made] == [60, 60]
    assert {len({str(r.sql)[7:10] for r in one}) for one in made} == {1}
