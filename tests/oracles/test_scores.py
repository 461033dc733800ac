"""The metrics agree with scikit-learn and lifelines, and with values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from taskkit.oracles import scores

LABELS = [True, False, True, False, False]
SCORES = [0.9, 0.8, 0.4, 0.4, 0.1]


def test_auroc_counts_pairs_and_halves_ties() -> None:
    # 6 pairs: .9 wins three; .4 loses to .8, ties with .4, beats .1
    assert scores.auroc(LABELS, SCORES) == pytest.approx((3 + 1.5) / 6)


def test_auprc_weighs_precision_by_the_recall_it_adds() -> None:
    # at .9: precision 1, recall 1/2; at .4: 2 of 4, recall 1
    assert scores.auprc(LABELS, SCORES) == pytest.approx(0.5 * 1 + 0.5 * 0.5)


def test_f1_is_zero_where_nothing_is_found() -> None:
    assert scores.f1([True, False], [False, False]) == 0.0


def test_concordance_takes_only_pairs_that_can_be_compared() -> None:
    # the first dies at 1; the second is censored at 2, the third dies at 3
    assert scores.concordance([1, 2, 3], [True, False, True], [3, 1, 2]) == 1.0
    assert scores.concordance([1, 2, 3], [True, False, True], [1, 1, 2]) == 0.25


@pytest.mark.parametrize(
    ("metric", "labels", "message"),
    [
        (scores.auroc, [True, True], "AUROC: all labels are the same: need both"),
        (scores.auprc, [False, False], "AUPRC: no label is true: need one or more"),
    ],
)
def test_metric_without_meaning_is_refused(metric, labels, message) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=f"^{message}$"):
        metric(labels, [0.1, 0.2])


@pytest.mark.parametrize("seed", range(20))
def test_metrics_agree_with_scikit_learn(seed: int) -> None:
    sklearn = pytest.importorskip("sklearn.metrics")
    chance = np.random.default_rng(seed)
    labels = chance.random(60) < 0.3
    labels[:2] = True, False
    ranked = np.round(chance.normal(labels * 0.8, 1), 1)  # with ties
    decided = ranked > 0.5
    marks = list(map(bool, labels))
    assert scores.auroc(marks, list(ranked)) == pytest.approx(
        sklearn.roc_auc_score(labels, ranked), abs=1e-12
    )
    assert scores.auprc(marks, list(ranked)) == pytest.approx(
        sklearn.average_precision_score(labels, ranked), abs=1e-12
    )
    assert scores.f1(marks, list(map(bool, decided))) == pytest.approx(
        sklearn.f1_score(labels, decided, zero_division=0), abs=1e-12
    )
    assert scores.accuracy(list(map(str, labels)), list(map(str, decided))) == pytest.approx(
        sklearn.accuracy_score(labels, decided), abs=1e-12
    )


@pytest.mark.parametrize("seed", range(10))
def test_concordance_agrees_with_lifelines(seed: int) -> None:
    lifelines = pytest.importorskip("lifelines.utils")
    chance = np.random.default_rng(seed)
    times = np.round(chance.exponential(5, 50))  # with ties
    events = chance.random(50) < 0.5
    risks = np.round(-times + chance.normal(0, 4, 50))
    assert scores.concordance(list(times), list(map(bool, events)), list(risks)) == pytest.approx(
        lifelines.concordance_index(times, -risks, events), abs=1e-12
    )
