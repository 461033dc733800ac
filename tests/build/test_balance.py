"""No answer is right too often, whatever is drawn."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskkit.build.balance import Candidate, choose, largest, spread
from taskkit.build.production import Product
from taskkit.build.protocol import Balance


def candidates(categories: dict[str, dict[str, int]]) -> list[Candidate]:
    return [
        Candidate(f"{category}-{answer}-{number}", category, answer)
        for category, answers in categories.items()
        for answer, count in answers.items()
        for number in range(count)
    ]


@pytest.mark.parametrize(
    ("counts", "share", "size"),
    [
        ([10, 10, 10, 10, 10], 0.2, 50),
        ([90, 10, 10, 10, 10], 0.2, 50),
        ([100], 0.2, 1),
        ([], 0.2, 0),
    ],
    ids=["even", "one too common", "one answer", "nothing"],
)
def test_largest_set_keeps_each_answer_below_its_share(
    counts: list[int], share: float, size: int
) -> None:
    assert largest(counts, share) == size


def test_spread_gives_what_small_categories_lack_to_the_others() -> None:
    assert spread({"a": 5, "b": 100, "c": 100}, 65) == {"a": 5, "b": 30, "c": 30}


ANSWERS = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 40), min_size=1)
SETS = st.dictionaries(st.sampled_from(["x", "y", "z"]), ANSWERS, min_size=1)


@given(SETS, st.integers(1, 200))
def test_choice_holds_the_shares_and_the_limit(
    categories: dict[str, dict[str, int]], limit: int
) -> None:
    balance = Balance(category_share=0.3, set_share=0.2)
    chosen = choose(candidates(categories), balance, limit)
    assert 0 < len(chosen) <= limit
    by_category = Counter(one.category for one in chosen)
    for (category, _), count in Counter((one.category, one.answer) for one in chosen).items():
        assert count <= max(1, int(0.3 * by_category[category]))
    for count in Counter(one.answer for one in chosen).values():
        assert count <= max(1, int(0.2 * len(chosen)))


@given(SETS, st.integers(1, 200), st.randoms(use_true_random=False))
def test_choice_does_not_depend_on_the_order(
    categories: dict[str, dict[str, int]], limit: int, random: object
) -> None:
    ordered = candidates(categories)
    shuffled = list(ordered)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert choose(ordered, Balance(), limit) == choose(shuffled, Balance(), limit)


def test_an_even_supply_is_taken_up_to_the_limit() -> None:
    many = candidates({c: {f"{c}{n}": 10 for n in range(20)} for c in "abcde"})
    assert len(choose(many, Balance(), 500)) == 500


@pytest.mark.parametrize(("guessable", "left"), [(True, 40), (False, 2)])
def test_only_guessable_tasks_may_share_few_answers(guessable: bool, left: int) -> None:
    made = [
        Product(f"{n}", f"{n}", "yes-no", "train", guessable, f"{n % 2}", f"{n}", b"")
        for n in range(40)
    ]
    chosen = choose((one.candidate for one in made), Balance(set_share=1), None)
    assert len(chosen) == left


def test_every_turn_of_a_dialogue_is_held_to_the_balance() -> None:
    dialogues = [Candidate(f"d{n}", "x", f"a{n} {'same' if n % 2 else f'b{n}'}") for n in range(60)]
    chosen = choose(dialogues, Balance(category_share=0.2, set_share=1.0), None)
    later = Counter(one.answer.split(" ")[1] for one in chosen)
    assert later["same"] == len(chosen) // 5
    assert later.total() - later["same"] == 30
