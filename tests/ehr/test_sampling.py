"""Who is taken and what things cost depend on the seed alone."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskkit.ehr.tables.draws import Draws
from taskkit.ehr.tables.prices import SeededPrices
from taskkit.ehr.tables.sampling import cohort, first_year, percentile


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [([1, 2, 3, 4], 50, 2.5), ([10, 20, 30], 95, 29.0), ([7], 95, 7), ([3, 1, 2], 100, 3)],
)
def test_percentiles_are_interpolated(values: list[float], percent: float, expected: float) -> None:
    assert percentile(values, percent) == pytest.approx(expected)


def test_no_values_have_no_percentile() -> None:
    with pytest.raises(ValueError, match=r"^no values: need one or more$"):
        percentile([], 50)


def test_later_years_are_drawn_as_often_as_they_weigh() -> None:
    random = Random(1)
    drawn = Counter(first_year(random, 2100, 2) for _ in range(6000))
    assert sorted(drawn) == [2100, 2101, 2102]
    for year, share in ((2100, 1 / 6), (2101, 2 / 6), (2102, 3 / 6)):
        assert drawn[year] / 6000 == pytest.approx(share, abs=0.03)


@given(st.sets(st.integers(0, 99)), st.sets(st.integers(100, 199)), st.integers(1, 60))
def test_a_cohort_has_its_share_of_current_patients(
    current: set[int], others: set[int], wanted: int
) -> None:
    taken = cohort(Random(3), sorted(current), sorted(others), wanted, 0.1)
    now = int(wanted * 0.1)
    assert len(taken & current) == min(now, len(current))
    assert len(taken & others) == min(wanted - now, len(others))
    assert taken == cohort(Random(3), list(current)[::-1], list(others)[::-1], wanted, 0.1)


def test_prices_are_those_of_the_seed_and_never_nothing() -> None:
    prices = SeededPrices(3)("labevents", range(2000))
    assert prices == SeededPrices(3)("labevents", range(1999, -1, -1))
    assert prices != SeededPrices(4)("labevents", range(2000))
    assert min(prices.values()) > 0
    assert max(prices.values()) - min(prices.values()) < 10
    assert all(price == round(price, 2) for price in prices.values())


def test_a_price_below_nothing_is_raised_to_a_cent() -> None:
    prices = (SeededPrices(seed)("labevents", range(20)).values() for seed in range(1000))
    assert min(map(min, prices)) == 0.01


def test_draws_are_numpys_in_the_order_asked() -> None:
    numpy = pytest.importorskip("numpy")
    generator = numpy.random.default_rng(0)
    year = generator.choice([2100, 2101], p=[1 / 3, 2 / 3])
    taken = generator.choice([5, 6, 7, 8], 2, replace=False)
    means = generator.poisson(lam=10, size=4)
    prices = [round(generator.normal(loc=means[1], scale=1.0), 2) for _ in range(3)]
    draws = Draws(0)
    assert draws.first_year(2100, 1) == year
    assert draws.some([5, 6, 7, 8], 2) == set(taken)
    assert draws.some([5], 2) == {5}
    assert draws("labevents", [70, 9, 50]) == dict(zip([9, 50, 70], prices, strict=True))
