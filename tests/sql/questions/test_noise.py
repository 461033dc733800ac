"""Questions whose answer hangs on the last bits of a computed number are left out."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from math import fsum
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskkit.build.rejection import Rejection
from taskkit.sql.questions.bank import Bank
from taskkit.sql.questions.fill import Filler
from taskkit.sql.questions.noise import depends_on_noise
from taskkit.sql.questions.question import Question

ABOVE = "select count(*) from labs where v > (select avg(v) from labs)"


def labs(*values: float) -> sqlite3.Connection:
    made = sqlite3.connect(":memory:")
    made.execute("create table labs (id integer, v real, since text, till text)")
    days = [(n, v, f"2101-01-0{n % 9 + 1}", "2101-01-10 12:00:00") for n, v in enumerate(values)]
    made.executemany("insert into labs values (?, ?, ?, ?)", days)
    return made


@pytest.fixture
def tied() -> Iterator[sqlite3.Connection]:
    """Labs whose mean, 0.9, is one of them, or just below it."""
    made = labs(0.9, 0.9, 0.9, 0.7, 1.1)
    yield made
    made.close()


@pytest.mark.parametrize(
    "sql",
    [
        ABOVE,
        "select count(*) from labs where v <= (select avg(v) from labs)",
        "select count(*) from labs where (select avg(v) from labs) < v",
        "select count(*) from labs where not v > ((select avg(distinct v) from labs))",
        "with m as (select avg(v) as mean from labs) select count(*) from labs, m where v > mean",
        "with m as (select avg(v) as Mean from labs) select count(*) from labs, m where v > MEAN",
        "select count(case when v > (select avg(v) from labs) then 1 end) from labs",
        "select count(*) as 'above' from labs where v > (select avg(v) as 'mean' from labs)",
        "select sum(v) from labs having sum(v) > 4.5",
        "select count(*) from labs where v - 0.2 between 0.7 and 1",
        "select count(*) from labs where v * 3 = 2.7",
        "select count(*) from labs where (select max(v * 3) from labs) > 3.3",
        "select count(*) from labs where julianday(till) - julianday(since) >= 7.5",
    ],
)
def test_a_tie_with_a_computed_number_is_told(sql: str, tied: sqlite3.Connection) -> None:
    assert depends_on_noise(sql, tied)


@pytest.mark.parametrize(
    "sql",
    [
        "select count(*) from labs where v > 0.9",
        "select count(*) from labs where v = (select max(v) from labs)",
        "select count(*) from labs where v > (select round(avg(v), 2) from labs)",
        "select count(*) from labs where v > (select avg(v) + 0.05 from labs)",
        "select count(*) from labs where id >= (select avg(id) from labs)",
        "select count(*) from labs where v * 3 = (select max(k.v * 3) from labs k)",
        "select count(*) - 2 from labs where id > 1 and since >= date('2101-01-05', '-1 days')",
        "select avg(v) from labs",
    ],
)
def test_what_all_tools_agree_on_is_not(sql: str, tied: sqlite3.Connection) -> None:
    assert not depends_on_noise(sql, tied)


def test_what_cannot_be_read_is_taken_as_it_stands(tied: sqlite3.Connection) -> None:
    sql = "select count(*) from labs where v > (select avg(v) from labs) and (v, id) > (0, 1) -- '"
    assert depends_on_noise(sql, tied)
    assert not depends_on_noise("select avg(v) > (select 1 from labs", tied)
    assert not depends_on_noise(f"select avg(v) > {'(' * 5000}1{')' * 5000} from labs", tied)


def test_a_mean_that_no_value_comes_near_is_exact_enough() -> None:
    assert not depends_on_noise(ABOVE, labs(0.7, 0.9, 1.3))


def test_whole_values_have_an_exact_mean() -> None:
    """80 is the mean of 79, 80 and 81, whoever works it out."""
    assert not depends_on_noise(ABOVE, labs(79, 80, 81))
    assert depends_on_noise(ABOVE, labs(7.9, 8.0, 8.1))


@given(st.lists(st.integers(1, 30), min_size=2, max_size=12), st.randoms(use_true_random=False))
def test_sums_in_any_order_agree_where_nothing_is_told(
    tenths: list[int], chance: random.Random
) -> None:
    values = [tenth / 10 for tenth in tenths]
    connection = labs(*values)
    if not depends_on_noise(ABOVE, connection):
        (found,) = connection.execute(ABOVE).fetchone()
        for _ in range(5):
            chance.shuffle(values)
            for total in (sum(values), fsum(values)):
                assert found == sum(value > total / len(values) for value in values)
    connection.close()


BANK = """\
schema: taskkit/bank/1
now: "2105-12-31 23:59:00"
"""
DIALOGUES = """\
schema: taskkit/dialogues/1
category: labs
dialogues:
  - id: above
    fill: select distinct lab from results
    sql: |
      select count(*) from results r where r.lab = {lab} and r.v > (
        select avg(k.v) from results k where k.lab = {lab}
      )
    turns:
      - give: avg(k.v)
        phrasings: ["What is the mean {lab}?", "Give the mean of {lab}.", "Mean {lab}?"]
        answer: {kind: number}
      - give: count(*)
        phrasings: [How many lie above?, And above that?, How many exceed it?]
        answer: {kind: integer}
"""
TEMPLATES = """\
schema: taskkit/templates/1
category: highest
templates:
  - id: highest
    fill: select distinct lab from results
    phrasings: ["The {n} day with most {lab}?", "Top {n} of {lab}?", "First {n} day by {lab}?"]
    sql: |
      select day, sum(v) as total from results where lab = {lab}
      group by day order by total desc limit {n}
    top: {limit: n, by: total}
    choices: {n: [1]}
    answer:
      kind: table
      columns:
        - {name: day, type: {kind: integer}}
        - {name: total, type: {kind: number}}
"""


def results(folder: Path, kind: str, text: str) -> dict[str, Question | Rejection]:
    """Fill a template about two labs: 'close', where a tie hangs on rounding, and 'clear'."""
    connection = sqlite3.connect(":memory:")
    connection.execute("create table results (lab text, day integer, v real)")
    close = [(1, 0.1), (1, 0.2), (2, 0.3), (3, 0.2)]  # 0.1 + 0.2 > 0.3; their mean is 0.2
    clear = [(1, 0.1), (1, 0.2), (2, 0.5), (2, 0.6)]
    rows = [("close", *row) for row in close] + [("clear", *row) for row in clear]
    connection.executemany("insert into results values (?, ?, ?)", rows)
    (folder / kind).mkdir()
    (folder / "bank.yaml").write_text(BANK)
    (folder / kind / "labs.yaml").write_text(text)
    bank = Bank.load(folder)
    (name,) = bank.entries
    return {one.record.split("'")[1]: one for one in Filler(bank, connection, 0).fill(name, 9)}


def test_a_dialogue_whose_later_turn_hangs_on_rounding_is_left_out(tmp_path: Path) -> None:
    made = results(tmp_path, "dialogues", DIALOGUES)
    assert isinstance(made["clear"], Question)
    close = made["close"]
    assert isinstance(close, Rejection)
    assert (close.code, close.detail[:7]) == ("float_noise", "turn 2:")


def test_a_tie_but_for_rounding_is_a_tie(tmp_path: Path) -> None:
    made = results(tmp_path, "templates", TEMPLATES)
    assert isinstance(made["clear"], Question)
    close = made["close"]
    assert isinstance(close, Rejection)
    assert close.code == "ambiguous_order"
