"""A mutant that comes again with the same values is not run again, and ends as if it were."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from taskkit.audit.mutant import Mutant
from taskkit.sql.mutants.run_cache import RunCache
from taskkit.sql.mutants.trial import Trial, Trials
from taskkit.sqlite import BudgetError, TooManyRowsError
from tests.audit.ward import ward

ENDLESS = "with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n"
DROPPED = "select count(*) from admissions where insurance = :s1"


class Counted(Trials):
    """Counts the queries that are run."""

    ran = 0

    def run(self, *args: Any, **kwargs: Any) -> Trial:
        Counted.ran += 1
        return super().run(*args, **kwargs)


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[RunCache]:
    Counted.ran = 0
    trials = Counted(ward(tmp_path / "ward.sqlite"))
    yield RunCache(trials)
    trials.close()


def mutant(code: str, **values: str | int | float) -> Mutant:
    return Mutant("predicate_dropped", 1, 0, "", "", code, values)


def test_values_that_a_mutant_no_longer_names_do_not_count(runs: RunCache) -> None:
    found = runs.run(mutant(DROPPED, n0=1, s1="medicare"), 10**6, 1)
    assert runs.run(mutant(DROPPED, n0=2, s1="medicare"), 10**6, 1) == found
    assert Counted.ran == 1
    assert runs.run(mutant(DROPPED, n0=1, s1="private"), 10**6, 1) != found
    assert Counted.ran == 2


def test_a_whole_number_is_not_the_fraction_that_equals_it(runs: RunCache) -> None:
    code = "select typeof(:n0)"
    assert b"integer" in runs.run(mutant(code, n0=1), 10**6, 1)
    assert b"real" in runs.run(mutant(code, n0=1.0), 10**6, 1)


def test_what_a_budget_stopped_is_tried_again_within_a_larger_one(runs: RunCache) -> None:
    for budget in (100_000, 50_000, 200_000):
        with pytest.raises(BudgetError):
            runs.run(mutant(ENDLESS), budget, 1)
    assert Counted.ran == 2


def test_what_a_budget_allowed_is_not_told_within_a_smaller_one(runs: RunCache) -> None:
    code = ENDLESS.replace("from n)", "from n where i < 30000)")
    runs.run(mutant(code), 10**7, 1)
    with pytest.raises(BudgetError):
        runs.run(mutant(code), 20_000, 1)


def test_refusals_and_too_many_rows_come_again(runs: RunCache) -> None:
    for _ in range(2):
        with pytest.raises(sqlite3.Error, match="no such table"):
            runs.run(mutant("select * from nowhere"), 10**6, 1)
        with pytest.raises(TooManyRowsError):
            runs.run(mutant("select * from admissions"), 10**6, 1)
    assert Counted.ran == 2
