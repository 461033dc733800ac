"""Sample size and power: textbook values, another library, and simulation of every design."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

np = pytest.importorskip("numpy")
pytest.importorskip("scipy")

from taskkit.calculation.calculators.power.association import (  # noqa: E402
    Correlation,
    Cox,
    LogRank,
    Regression,
)
from taskkit.calculation.calculators.power.design import Design, t_power  # noqa: E402
from taskkit.calculation.calculators.power.means import (  # noqa: E402
    Anova,
    ClusterMeans,
    EquivalentMean,
    NoninferiorMean,
    OneSampleT,
    PairedT,
    TwoSampleT,
)
from taskkit.calculation.calculators.power.proportions import (  # noqa: E402
    ChiSquare,
    EquivalentProportion,
    McNemar,
    TwoProportions,
)
from tests.bench.power import DESIGNS, EXACT, LOOPED, TABLE, line  # noqa: E402


@pytest.mark.parametrize(
    ("design", "power", "size"),
    [
        # Cohen's tables, two-sided 5 %
        (TwoSampleT(difference=0.2, deviation=1), 0.8, 394),
        (TwoSampleT(difference=0.5, deviation=1), 0.8, 64),
        (TwoSampleT(difference=0.8, deviation=1), 0.8, 26),
        (OneSampleT(difference=0.5, deviation=1), 0.8, 34),
        (PairedT(difference=-5, deviation=10), 0.8, 34),
        # f = 0.25 in 4 groups
        (Anova(means=(-0.25, 0.25, -0.25, 0.25), deviation=1), 0.8, 45),
        (Correlation(true=0.3), 0.8, 85),
        (Regression(effect=0.15, tested=3), 0.8, 77),
        (Regression(effect=0.15, tested=5), 0.8, 92),
        # w = 0.3 with 1 degree of freedom
        (ChiSquare(table=((0.325, 0.175), (0.175, 0.325))), 0.8, 88),
        # R's power.prop.test manual: 0.5 against 0.75, power 0.9: 76.7
        (TwoProportions(first=0.5, second=0.75), 0.9, 77),
        # Schoenfeld: 4 * (1.960 + 0.842)**2 / ln(2)**2 = 65.3 events
        (LogRank(hazard_ratio=0.5, events=1), 0.8, 66),
        (LogRank(hazard_ratio=0.5, events=0.5), 0.8, 131),
        # Freedman: (1.5 / 0.5)**2 * 7.849 = 70.6 events
        (LogRank(hazard_ratio=0.5, events=1, rule="Freedman"), 0.8, 71),
        # Hsieh & Lavori: the same for a covariate of variance 1/4; over 1 - R2
        (Cox(hazard_ratio=0.5, deviation=0.5, events=1), 0.8, 66),
        (Cox(hazard_ratio=0.5, deviation=0.5, events=1, explained=0.5), 0.8, 131),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Design) else str(value),
)
def test_textbook_sizes(design: Design, power: float, size: int) -> None:
    assert design.size(power) == size


TRIALS = 20_000
APPROXIMATION = 0.025  # by which a large-sample power may be off, beside chance


@pytest.mark.slow
@pytest.mark.parametrize(
    ("design", "size"), DESIGNS, ids=[f"{type(d).__name__}-{n}" for d, n in DESIGNS]
)
def test_power_is_what_simulation_finds(design: Design, size: int) -> None:
    power = design.power(size)
    assert 0.5 < power < 0.97
    simulated = line(design, size, TRIALS)
    allowed = 4 * math.sqrt(power * (1 - power) / simulated.trials)
    allowed += 0 if isinstance(design, EXACT) else APPROXIMATION
    assert simulated.simulated == pytest.approx(power, abs=allowed)


def no_effect() -> list[tuple[Design, int]]:
    tiny = 1e-9
    return [
        (OneSampleT(difference=tiny, deviation=1), 30),
        (TwoSampleT(difference=tiny, deviation=1), 30),
        (Anova(means=(0, tiny, 0), deviation=1), 20),
        (TwoProportions(first=0.5, second=0.5 + tiny), 200),
        (Correlation(true=tiny), 40),
        (Regression(effect=tiny, tested=2, others=1), 40),
        (LogRank(hazard_ratio=1 + tiny, events=0.8), 200),
        (Cox(hazard_ratio=1 + tiny, deviation=1, events=0.8), 150),
        (McNemar(gained=0.2, lost=0.2 + tiny), 250),
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("design", "size"), no_effect(), ids=[type(d).__name__ for d, _ in no_effect()]
)
def test_simulation_rejects_by_alpha_where_there_is_no_effect(design: Design, size: int) -> None:
    trials = TRIALS // 10 if isinstance(design, LOOPED) else TRIALS
    found = design.rejections(size, trials, np.random.default_rng(7)) / trials
    assert found == pytest.approx(0.05, abs=4 * math.sqrt(0.05 * 0.95 / trials) + 0.006)


@pytest.mark.parametrize(
    ("design", "size"), DESIGNS, ids=[f"{type(d).__name__}-{n}" for d, n in DESIGNS]
)
def test_the_size_is_the_smallest_with_its_power(design: Design, size: int) -> None:
    needed = design.size(0.8)
    assert design.power(needed) >= 0.8 - 1e-9
    assert needed == design.smallest or design.power(needed - 1) < 0.8
    assert design.power(size) <= design.power(size + 20)


@pytest.mark.parametrize(("effect", "size", "sides"), [(0.3, 40, 2), (0.6, 25, 2), (0.4, 30, 1)])
def test_t_tests_agree_with_statsmodels(effect: float, size: int, sides: Any) -> None:
    power = pytest.importorskip("statsmodels.stats.power")
    alternative = "two-sided" if sides == 2 else "larger"
    one = OneSampleT(difference=effect, deviation=1, sides=sides).power(size)
    two = TwoSampleT(difference=effect, deviation=1, sides=sides, ratio=2).power(size)
    assert one == pytest.approx(
        power.TTestPower().power(effect, size, 0.05, alternative=alternative)
    )
    assert two == pytest.approx(
        power.TTestIndPower().power(effect, size, 0.05, ratio=2, alternative=alternative)
    )


def test_anova_and_chi_square_agree_with_statsmodels() -> None:
    power = pytest.importorskip("statsmodels.stats.power")
    anova = Anova(means=(10, 12, 15), deviation=6)
    effect = float(np.std((10, 12, 15))) / 6
    ours, theirs = anova.power(25), power.FTestAnovaPower().power(effect, 75, 0.05, k_groups=3)
    assert ours == pytest.approx(theirs)
    table = ChiSquare(table=TABLE)
    theirs = power.GofChisquarePower().power(table.effect, 200, 0.05, n_bins=table.freedom + 1)
    assert table.power(200) == pytest.approx(theirs)


@pytest.mark.parametrize("effect", [3, 10, 40, 200])
def test_a_large_effect_has_power_1_and_not_nan(effect: float) -> None:
    assert OneSampleT(difference=effect, deviation=1).power(30) == pytest.approx(1)
    assert t_power(effect * 10, 5, 0.05, 2) == pytest.approx(1, abs=1e-3)


@settings(max_examples=25)
@given(
    difference=st.floats(0.05, 3),
    deviation=st.floats(0.1, 10),
    size=st.integers(2, 300),
    scale=st.floats(0.1, 100),
)
def test_the_scale_of_measurement_does_not_matter(
    difference: float, deviation: float, size: int, scale: float
) -> None:
    once = TwoSampleT(difference=difference, deviation=deviation).power(size)
    scaled = TwoSampleT(difference=scale * difference, deviation=scale * deviation).power(size)
    turned = TwoSampleT(difference=-difference, deviation=deviation).power(size)
    assert scaled == pytest.approx(once, abs=1e-9)
    assert turned == pytest.approx(once, abs=1e-9)
    assert 0.05 - 1e-9 <= once <= 1


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: OneSampleT(difference=0, deviation=1), "difference 0: need other than 0"),
        (lambda: OneSampleT(difference=1, deviation=0), "deviation 0: need above 0"),
        (lambda: OneSampleT(difference=math.nan, deviation=1), "difference nan: need other"),
        (lambda: OneSampleT(difference=1, deviation=1, alpha=0), "alpha 0: need between"),
        (lambda: OneSampleT(difference=1, deviation=1, sides=3), "sides 3: need 1 or 2"),  # type: ignore[arg-type]
        (lambda: OneSampleT(difference=1, deviation=1).power(1), "size 1: need a whole number"),
        (lambda: OneSampleT(difference=1, deviation=1).power(9.5), "size 9.5: need a whole"),  # type: ignore[arg-type]
        (lambda: OneSampleT(difference=1, deviation=1).size(1), "power 1: need between"),
        (lambda: OneSampleT(difference=1e-9, deviation=1).size(0.8), "not reached by 10,000,000"),
        (lambda: Anova(means=(1, 1, 1), deviation=1), "need two or more that differ"),
        (lambda: TwoProportions(first=0.5, second=0.5), "need two that differ"),
        (lambda: TwoProportions(first=1.2, second=0.5), "first 1.2: need between 0 and 1"),
        (lambda: McNemar(gained=0.6, lost=0.5), "gained and lost 1.1: need between"),
        (lambda: ChiSquare(table=((0.5, 0.6), (0.1, 0.1))), "sums to 1.3: need 1"),
        (lambda: ChiSquare(table=((0.25, 0.25), (0.25, 0.25))), "are independent"),
        (lambda: ChiSquare(table=((0.5, 0.5),)), "need two or more rows"),
        (lambda: Correlation(true=1.0), "need between 0 and 1"),
        (lambda: LogRank(hazard_ratio=1, events=0.5), "log hazard ratio 0.0: need other"),
        (lambda: LogRank(hazard_ratio=0.5, events=0), "events 0: need above 0"),
        (lambda: Cox(hazard_ratio=2, deviation=1, events=1, explained=1), "explained 1: need"),
        (lambda: NoninferiorMean(difference=-5, deviation=1, margin=5), "need above -5"),
        (lambda: EquivalentMean(difference=5, deviation=1, margin=5), "need within 5"),
        (
            lambda: EquivalentProportion(first=0.5, second=0.7, margin=0.2),
            "need within 0.2 of the second",
        ),
        (
            lambda: ClusterMeans(difference=1, deviation=1, correlation=1, members=9),
            "correlation 1: need between",
        ),
    ],
)
def test_a_design_that_cannot_be_is_refused(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
