"""What is known of a query's form holds for the query with its values in it."""

from __future__ import annotations

import pytest

from taskkit.sql.prepared import clocks, prepared


def meaning(sql: str) -> str:
    found, values = prepared(sql)
    return found.meaning(values)


ASKED = "select a.age from admissions as a where a.subject_id = 3 and a.insurance = 'private'"


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ("SELECT b.age FROM Admissions b WHERE b.insurance = 'private' AND 3 = b.subject_id", True),
        (ASKED.replace("3", "4"), False),
        (ASKED.replace("private", "Private"), False),
        (ASKED.replace("'private'", "a.subject_id"), False),
        (ASKED.replace(" and ", " or "), False),
    ],
)
def test_queries_mean_the_same_whatever_their_order_names_and_case(other: str, same: bool) -> None:
    assert (meaning(ASKED) == meaning(other)) == same


def test_conditions_with_swapped_values_are_others() -> None:
    one = "select 1 from t where a = 'x' and b = 'y'"
    assert meaning(one) != meaning(one.replace("x", "z").replace("y", "x").replace("z", "y"))
    assert meaning("select 1 from t where b = 'y' and a = 'x'") == meaning(one)


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("select date('now')", ["'now'"]),
        ("select date('NOW', '-1 day')", ["'now'"]),
        ("select random()", ["rand"]),
        ("select current_timestamp", ["currenttimestamp"]),
        ("select date('2100-01-01')", []),
    ],
)
def test_clocks_are_seen_in_values_and_form(sql: str, found: list[str]) -> None:
    assert clocks(sql) == found


def test_a_query_with_parameters_of_its_own_is_looked_at_as_it_is() -> None:
    found, values = prepared("select a from t where b = :s0 and c = 'x'")
    assert values == {}
    assert found.tables == {"t"}


def test_the_whole_rows_keep_the_conditions_and_their_values() -> None:
    found, values = prepared("select age from admissions where subject_id = 3 order by age limit 1")
    assert found.whole == "SELECT * FROM admissions WHERE subject_id = :n0 LIMIT 5"
    assert values["n0"] == 3
    assert prepared("select max(age) from admissions")[0].whole is None
