"""Assertions are read as values with the tolerance that they allow."""

from __future__ import annotations

import pytest

from taskkit.analysis.assertion import LOOSE, read_test
from taskkit.spec.oracle import Tolerance

EQUAL = Tolerance()


@pytest.mark.parametrize(
    ("code", "expression", "tolerance"),
    [
        ("assert n == 19", "n", EQUAL),
        ("assert len(frame) == 33", "len(frame)", EQUAL),
        ("assert frame['a'].sum() == 4", "frame['a'].sum()", EQUAL),
        ("assert abs(p - 0.25) < 1e-8", "p", Tolerance(absolute=1e-8)),
        ("assert abs(c + 0.5) <= 1e-4", "c", Tolerance(absolute=1e-4)),
        ("assert round(x.mean(), 2) == 4.75", "x.mean()", Tolerance(absolute=0.005)),
        ("assert pvalue < 5e-5", "pvalue", LOOSE),
        ("assert frame.shape == (3, 4) or frame.shape == (4, 4)", "frame.shape", EQUAL),
        ("assert not counts.empty, 'empty'", "counts", LOOSE),
        ("assert counts.equals(other)", "counts", LOOSE),
        ("assert len(set(names) - set(['A'])) == 0", "set(names)", LOOSE),
        ("assert 'Sample_ID' in frame.columns", "list(frame.columns)", LOOSE),
        ("assert isinstance(sizes, pd.Series)", "sizes", LOOSE),
    ],
)
def test_an_assertion_is_about_a_value(code: str, expression: str, tolerance: Tolerance) -> None:
    [claim] = read_test(code, "").claims
    assert (claim.expression, claim.tolerance) == (expression, tolerance)


def test_a_value_of_two_assertions_stands_once_with_the_tighter_tolerance() -> None:
    claims = read_test("assert p < 0.1\nassert abs(p - 0.05) < 1e-6", "").claims
    assert [(one.expression, one.tolerance.absolute) for one in claims] == [("p", 1e-6)]


def test_what_stands_between_assertions_is_kept_apart() -> None:
    test = read_test("import numpy as np\nassert np.mean(x) == 2\nx.head()", "")
    assert test.setup == "import numpy as np"
    assert test.conditions == ("np.mean(x) == 2",)


def test_a_survival_curve_is_judged_by_what_it_is_drawn_from() -> None:
    claims = read_test("assert isinstance(kmf, lifelines.KaplanMeierFitter)", "").claims
    assert [one.expression for one in claims] == [
        "kmf.event_observed.sum()",
        "kmf.durations.sum()",
        "kmf.median_survival_time_",
    ]


def test_a_figure_is_judged_by_the_table_that_it_draws() -> None:
    reference = "fig = oncoPrintPlotter(data=long, y='gene', x='id', values=['gain', 'loss'])"
    code = "import PyComplexHeatmap\nassert isinstance(fig, PyComplexHeatmap.oncoPrintPlotter)"
    test = read_test(code, reference)
    assert [one.expression for one in test.claims] == [
        "long.groupby('gene')[['gain', 'loss']].sum()"
    ]
    assert test.claims[0].about.startswith("what `fig` draws: a row for each 'gene'")
    assert test.conditions == ()


def test_an_assertion_that_names_no_value_gives_none() -> None:
    assert read_test("assert all(x in y for x in z)", "").claims == ()
