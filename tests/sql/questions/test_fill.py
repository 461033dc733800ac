"""Filling is deterministic, distinct, balanced, and the same however the work is divided."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskkit.build.rejection import Rejection
from taskkit.sql.questions.bank import Bank
from taskkit.sql.questions.draw import shuffled
from taskkit.sql.questions.fill import Filler
from taskkit.sql.questions.plan import Pilot, capacity, ceiling, level, plan
from taskkit.sql.questions.population import seeded
from taskkit.sql.questions.question import Question
from tests.sql.questions.clinic import DOMAIN, clinic

ROOT = Path(__file__).parents[3]
PRINT = "from tests.sql.questions.test_fill import sample; print(*sample(0), sep='\\n')"


@pytest.fixture(scope="module")
def bank() -> Bank:
    return Bank.load(DOMAIN)


def filler(bank: Bank, folder: Path | None = None) -> Filler:
    return Filler(bank, clinic(), 0, folder=folder)


def sample(seed: int) -> list[str]:
    bank = Bank.load(DOMAIN)
    fill = Filler(bank, clinic(), seed)
    return [repr(result) for name in list(bank.entries)[::6] for result in fill.fill(name, 4)]


def test_another_hash_seed_gives_the_same_questions() -> None:
    outputs = {
        subprocess.run(
            [sys.executable, "-c", PRINT],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert outputs == {"\n".join(sample(0)) + "\n"}


def test_another_seed_gives_other_questions() -> None:
    assert sample(0) != sample(1)


def test_what_was_filled_before_changes_nothing(bank: Bank) -> None:
    late = filler(bank)
    for name in reversed(list(bank.entries)):
        list(late.fill(name, 2))
    name = "lab-extreme-in-window"
    assert list(late.fill(name, 8)) == list(filler(bank).fill(name, 8))


def test_a_shared_folder_changes_nothing(bank: Bank, tmp_path: Path) -> None:
    names = ["cost-of-stay", "lab-change-over-stay", "age-today"]
    plain = [list(filler(bank).fill(name, 5)) for name in names]
    for _ in range(2):
        shared = filler(bank, tmp_path)
        assert [list(shared.fill(name, 5)) for name in names] == plain


def test_parts_are_disjoint_and_together_whole(bank: Bank) -> None:
    name = "count-admissions-in-window"
    whole = [result.record for result in filler(bank).fill(name, 10_000)]
    parts = [
        [result.record for result in filler(bank).fill(name, 10_000, part=part, parts=3)]
        for part in range(3)
    ]
    assert sorted(whole) == sorted(record for part in parts for record in part)
    assert len(set(whole)) == len(whole)


def test_no_two_questions_have_the_same_words_or_sql(bank: Bank) -> None:
    fill = filler(bank)
    for name in bank.entries:
        made = [result for result in fill.fill(name, 500) if isinstance(result, Question)]
        assert len({question.text for question in made}) == len(made)
        assert len({question.sql for question in made}) == len(made)


def test_an_apostrophe_in_a_value_is_quoted(bank: Bank) -> None:
    texts = [
        question.text
        for question in filler(bank).fill("cost-of-drug-for-patient", 50)
        if isinstance(question, Question)
    ]
    assert any("o'brien's solution" in text for text in texts)


def test_an_answer_that_comes_too_often_is_refused(bank: Bank) -> None:
    results = list(filler(bank).fill("count-admissions-in-window", 30))
    answers = [result.expected for result in results if isinstance(result, Question)]
    assert max(answers.count(answer) for answer in answers) <= 3
    assert "unbalanced" in {result.code for result in results if isinstance(result, Rejection)}


def test_splits_are_about_eight_to_one_to_one(bank: Bank) -> None:
    fill = filler(bank)
    splits = [
        result.split
        for name in bank.entries
        for result in fill.fill(name, 60)
        if isinstance(result, Question)
    ]
    assert len(splits) > 500
    assert 0.7 < splits.count("train") / len(splits) < 0.9


def capacities(fill: Filler, total: int) -> dict[str, int]:
    most = ceiling(total, len(fill.bank.entries))
    return {n: capacity(fill, n, Pilot.of(fill, n), ceiling=most) for n in fill.bank.entries}


def test_a_pilot_spares_the_work_and_changes_nothing(bank: Bank) -> None:
    fill = filler(bank)
    name = next(iter(bank.entries))
    pilot = Pilot.of(fill, name)
    plain = list(fill.fill(name, 30, part=1, parts=2))
    fill.question = lambda *_: pytest.fail("run again")  # type: ignore[method-assign]
    again = fill.fill(name, 30, part=1, parts=2, known=pilot.results)
    assert list(islice(again, len(pilot.results) // 2)) == plain[: len(pilot.results) // 2]


def test_a_question_that_fails_a_check_is_indistinct(bank: Bank) -> None:
    name = next(iter(bank.entries))
    results = list(filler(bank).fill(name, 5, check=lambda question: "1 = 1"))
    assert {one.code for one in results if isinstance(one, Rejection)} >= {"indistinct"}
    assert not any(isinstance(one, Question) for one in results)


def test_spans_of_time_are_looked_at_after_a_check_and_refuse_the_same(bank: Bank) -> None:
    plain, checked, refused = filler(bank), filler(bank), filler(bank)
    spans = 0
    for name in bank.entries:
        here = list(plain.fill(name, 4))
        there = list(checked.fill(name, 4, check=lambda question: None))
        assert [one for one in here if isinstance(one, Question)] == [
            one for one in there if isinstance(one, Question)
        ]
        assert [one.record for one in here] == [one.record for one in there]
        spans += sum(isinstance(one, Rejection) and "span of time" in one.detail for one in there)
        list(refused.fill(name, 4, check=lambda question: "1 = 1"))
    assert spans > 0
    assert plain._always
    assert not refused._always


def test_a_plan_asks_for_no_more_than_there_is(bank: Bank) -> None:
    fill = filler(bank)
    shares = plan(capacities(fill, 700), 700)
    made = sum(
        isinstance(result, Question)
        for share in shares
        for result in fill.fill(share.template, share.count, part=share.part, parts=share.parts)
    )
    assert sum(share.count for share in shares) <= 700
    assert made >= 0.8 * sum(share.count for share in shares)


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 50), min_size=1), st.integers(0, 900))
def test_level_fills_evenly_up_to_what_there_is(capacities: dict[str, int], total: int) -> None:
    counts = level(capacities, total)
    assert sum(counts.values()) == min(total, sum(capacities.values()))
    short = [count for name, count in counts.items() if count < capacities[name]]
    if short:
        assert max(counts.values()) - min(short) <= 1


def test_a_small_set_has_templates_of_the_whole_alphabet() -> None:
    names = [f"{letter}-{n}" for letter in "abcdefghij" for n in range(10)]
    counts = level(dict.fromkeys(names, 4), 50)
    assert {name[0] for name in counts} == set("abcdefghij")


@given(st.integers(0, 300), st.integers(0, 9))
def test_shuffled_gives_every_number_once(size: int, seed: int) -> None:
    assert sorted(shuffled(size, seeded(seed))) == list(range(size))
