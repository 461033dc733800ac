"""Mutants change one thing each, and are told from their reference by other data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskkit.audit.mutant import Mutant, choose, sample
from taskkit.spec.task import TaskSpec
from taskkit.sql.mutants.equivalence import Equivalence
from taskkit.sql.mutants.family import filled, split
from taskkit.sql.mutants.resamples import resamples, shuffled, subject
from taskkit.sql.mutants.sql import UnparsableError, moved
from taskkit.sql.mutants.trial import Trials
from taskkit.sql.range import Range
from taskkit.sqlite import BudgetError
from tests.audit.ward import document, ward
from tests.spec.example import DIGEST

QUERY = """
select p.gender, count(distinct a.hadm_id) as n, max(a.age) - min(a.age)
from patients p join admissions a on a.subject_id = p.subject_id
where a.admittime >= '2100-01-01 00:00:00' and a.insurance = 'medicare' and a.age > 40
group by p.gender order by n desc limit 2
"""


@pytest.fixture
def trials(tmp_path: Path) -> Iterator[Trials]:
    made = Trials(ward(tmp_path / "ward.sqlite"))
    yield made
    made.close()


def mutants(sql: str, trials: Trials) -> list[Mutant]:
    family, values = split(sql)
    return list(family.mutants(values, trials.neighbour))


@pytest.mark.parametrize(
    ("kind", "part"),
    [
        ("predicate_dropped", "a.admittime >= '2100-01-01 00:00:00' -> TRUE"),
        ("predicate_negated", "-> NOT (a.insurance = 'medicare')"),
        ("aggregate", "MAX(a.age) -> MIN(a.age)"),
        ("distinct", "COUNT(DISTINCT a.hadm_id) -> COUNT(a.hadm_id)"),
        ("sort", "desc of n DESC -> false"),
        ("limit", "2 -> 3"),
        ("limit", "2 -> 1"),
        ("join", "-> left"),
        ("bound", "a.age > 40 -> a.age >= 40"),
        ("constant", "'medicare' -> 'private'"),
        ("constant", "40 -> 50.5"),
        ("arithmetic", "-> MIN(a.age) - MAX(a.age)"),
    ],
)
def test_a_query_is_changed_in_each_of_these_ways(trials: Trials, kind: str, part: str) -> None:
    assert any(one.kind == kind and part in one.change for one in mutants(QUERY, trials))


def test_every_mutant_runs_and_none_is_the_reference(trials: Trials) -> None:
    family, values = split(QUERY)
    for one in mutants(QUERY, trials):
        trials.run(one.code, one.values)
        assert (one.code, one.values) != (family.form, family.named(values)), one.change


def test_a_query_without_its_values_is_the_query(trials: Trials) -> None:
    family, values = split(QUERY)
    assert values == ("2100-01-01 00:00:00", "medicare", 40, 2)
    assert filled(family.form, family.named(values)) == QUERY
    assert trials.run(family.form, family.named(values)).document == trials.run(QUERY).document


def test_queries_over_other_values_share_their_mutants(trials: Trials) -> None:
    other = QUERY.replace("medicare", "private").replace("> 40", "> 38.5")
    assert split(other)[0] is not None
    assert [one.key for one in mutants(other, trials)] == [
        one.key for one in mutants(QUERY, trials)
    ]


def test_a_place_in_the_order_stays_a_place() -> None:
    family, values = split("select age, subject_id from admissions order by 2, 1 desc limit 3")
    assert values == (3,)
    assert "order by 2, 1 desc limit :n0" in family.form


@given(st.text(alphabet="ab'% _:-0", max_size=12))
def test_any_text_comes_back_as_it_was(text: str) -> None:
    family, values = split("select '" + text.replace("'", "''") + "'")
    assert values == (text,)
    assert family.form == "select :s0"


@pytest.mark.parametrize("text", ["", "selekt 1", "drop table patients", "select 1; select 2"])
def test_what_is_no_query_has_no_mutants(text: str) -> None:
    with pytest.raises(UnparsableError):
        split(text)


@pytest.mark.parametrize(
    ("text", "later"),
    [
        ("2104", "2105"),
        ("2104-12", "2105-01"),
        ("2104-02-28", "2104-02-29"),
        ("2104-12-31 23:59:00", "2105-01-01 23:59:00"),
        ("-1 month", "-2 month"),
        ("+30 days", "+31 days"),
        ("start of year", "start of month"),
        ("4711", None),
        ("%Y-%m", None),
        ("2104-02-30", None),
    ],
)
def test_times_move_by_a_little(text: str, later: str | None) -> None:
    assert moved(text) == later


def test_a_choice_takes_every_kind_before_any_twice(trials: Trials) -> None:
    every = mutants(QUERY, trials)
    kinds = {one.kind for one in every}
    assert {one.kind for one in choose(every, len(kinds), "salt")} == kinds
    assert choose(every, 5, "salt") == choose(every, 5, "salt")


def test_over_many_tasks_each_mutant_of_a_program_is_tried_about_as_often(trials: Trials) -> None:
    every = list(mutants(QUERY, trials))
    tried = Counter(one.key for salt in range(400) for one in sample(every, 3, str(salt)))
    share = 400 * 3 / len(every)
    assert all(share / 2 < tried[one.key] < share * 2 for one in every)
    assert sample(every, 3, "salt") == sample(every, 3, "salt")
    assert len(sample(every, 10_000, "salt")) == len(every)


def test_a_query_over_its_budget_is_stopped(trials: Trials) -> None:
    endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n"
    with pytest.raises(BudgetError):
        trials.run(endless, max_steps=100_000)


def task(sql: str, instruction: str, expected: object) -> TaskSpec:
    asset = {"name": "ward.sqlite", "sha256": DIGEST}
    oracle = {"kind": "exact", "expected": expected}
    return TaskSpec.model_validate(
        document(1, asset, sql=sql, instruction=instruction, oracle=oracle)
    )


@pytest.mark.parametrize(
    ("sql", "kind", "fate"),
    [
        ("select count(distinct hadm_id) from admissions where subject_id = 1",
         "distinct", "equivalent"),
        ("select count(*) from admissions where subject_id = 1 and insurance = 'medicare'",
         "predicate_dropped", "differs"),
    ],
)  # fmt: skip
def test_other_patients_tell_a_mutant_from_its_reference_or_not(
    trials: Trials, sql: str, kind: str, fate: str
) -> None:
    spec = task(sql, "How often was patient 1 admitted on medicare?", 1)
    judged = Equivalence(spec, sql, [(trials, 8)])
    fates = {m.change: judged.compare(m.key) for m in mutants(sql, trials) if m.kind == kind}
    assert fate in {one.fate for one in fates.values()}
    assert all(one.compared >= 1 for one in fates.values())


def test_what_other_data_tell_does_not_hang_on_the_task_that_is_asked_of(trials: Trials) -> None:
    told = []
    for patient, insurance in ((1, "medicare"), (2, "private"), (7, "medicare"), (8, "private")):
        sql = (
            "select count(distinct hadm_id) from admissions"
            f" where insurance = '{insurance}' and subject_id = {patient} and age > 40"
        )
        spec = task(sql, f"How often was patient {patient} admitted on {insurance} after 40?", 1)
        judged = Equivalence(spec, sql, [(trials, 8)], own=trials)
        found = {one.key: judged.compare(one.key) for one in mutants(sql, trials)}
        told.append(found)
    assert all(one == told[0] for one in told)
    assert {one.fate for one in told[0].values()} == {"differs", "equivalent"}


def test_a_later_question_is_asked_about_the_patients_of_earlier_ones(trials: Trials) -> None:
    sql = "select count(*) from admissions where subject_id = 1 and insurance = 'medicare'"
    spec = task(sql, "How many of them?", 1)
    [mutant] = [
        one
        for one in mutants(sql, trials)
        if (one.kind, one.change) == ("predicate_dropped", "insurance = 'medicare' -> TRUE")
    ]
    said = ("Take the times that patient 1 was admitted.", "Which of them were on medicare?")
    fates = [
        Equivalence(spec, sql, [(trials, 8)], own=trials, said=turns).compare(mutant.key).fate
        for turns in ((), said)
    ]
    assert fates == ["undecided", "differs"]


def test_the_very_question_tells_nothing_on_the_very_data(trials: Trials) -> None:
    sql = "select count(distinct hadm_id) from admissions"
    [one] = [m for m in mutants(sql, trials) if m.kind == "distinct"]
    spec = task(sql, "How many stays?", 1)
    assert Equivalence(spec, sql, [(trials, 8)]).compare(one.key).compared == 1
    assert Equivalence(spec, sql, [(trials, 8)], own=trials).compare(one.key).fate == "undecided"


def test_another_choice_among_ties_tells_nothing(trials: Trials) -> None:
    sql = "select subject_id from admissions where insurance <> 'none' limit 1"
    spec = task(sql, "Who was admitted?", 1)
    judged = Equivalence(spec, sql, [(trials, 8)])
    [dropped] = [one for one in mutants(sql, trials) if one.kind == "predicate_negated"]
    assert judged.compare(dropped.key).fate == "undecided"


def test_resamples_hold_whole_patients_and_together_all_of_them(tmp_path: Path) -> None:
    path = ward(tmp_path / "ward.sqlite")
    assert subject(path) == "subject_id"
    _, half, other = (Trials(one) for one in resamples(path, DIGEST, tmp_path))
    query = "select group_concat(subject_id) from (select subject_id from {} order by 1)"
    assert b"2,4,6,8" in half.run(query.format("patients")).document
    assert b"1,3,5,7" in other.run(query.format("patients")).document
    assert (
        b'"2,4,6"'
        in half.run(
            "select group_concat(subject_id) from (select distinct subject_id from prescriptions"
            " where subject_id % 2 = 0 order by 1)"
        ).document
    )


def test_a_shuffled_copy_holds_the_same_rows_in_another_order(tmp_path: Path) -> None:
    path = ward(tmp_path / "ward.sqlite")
    one, other = Trials(path), Trials(shuffled(path, DIGEST, tmp_path))
    plain, sorted_ = "select hadm_id from admissions", "select hadm_id from admissions order by 1"
    assert one.run(plain).document != other.run(plain).document
    assert one.run(sorted_).document == other.run(sorted_).document
    assert "sqlite_stat1" not in other.tables  # what is planned otherwise may be answered otherwise


@pytest.mark.parametrize(("expected", "tried"), [(1, True), (2, False)])
def test_mutants_of_a_reference_that_is_wrong_on_the_measured_copy_say_nothing(
    tmp_path: Path, expected: int, tried: bool
) -> None:
    sql = "select count(*) from admissions where subject_id = 1 and insurance = 'medicare'"
    range_ = Range(ward(tmp_path / "ward.sqlite"), list, list)
    spec = task(sql, "How often was patient 1 admitted on medicare?", expected)
    assert bool(range_.kill(spec, sql).fates) == tried
