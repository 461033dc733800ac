"""A query's form says what kind of question it answers."""

from __future__ import annotations

import pytest

from taskkit.sql.questions.shape import Shape, ShapeError, shape_of

FIRST = "select valuenum from labevents order by charttime limit 1"


def shape(sql: str, text: str = "What is it?") -> Shape:
    return shape_of(sql, text)


@pytest.mark.parametrize(
    ("sql", "category"),
    [
        ("select count(*)>0 from t", "publisher-yes-no"),
        (f"select ({FIRST}) > ({FIRST})", "publisher-yes-no"),
        ("select exists (select 1 from t)", "publisher-yes-no"),
        ("select count(distinct a) from t", "publisher-count"),
        ("select count(*) from t join u on t.a = u.a where t.x < u.x", "publisher-count-after"),
        ("select max(valuenum) from labevents", "publisher-aggregate"),
        ("select avg(v) from t group by strftime('%Y', c)", "publisher-series"),
        (f"select ({FIRST}) - ({FIRST})", "publisher-change"),
        ("select 24 * ( strftime('%J', a) - strftime('%J', b) ) from t", "publisher-duration"),
        ("select distinct cost.cost from cost", "publisher-cost"),
        ("select charttime from t order by charttime limit 1", "publisher-when"),
        (FIRST, "publisher-first-last"),
        ("select dob from patients", "publisher-time"),
        ("select gender from patients", "publisher-lookup"),
        ("select a from t union select a from u", "publisher-list"),
        ("select u.d from t join u on t.a = u.a where t.x < u.x", "publisher-after"),
        (
            "select a from (select a, dense_rank() over (order by count(*) desc) as c from t"
            " group by a) where c <= 3",
            "publisher-top-n",
        ),
        (
            "select p from (select v, percent_rank() over (order by v) as p from t) where v = 1",
            "publisher-percentile",
        ),
        (
            "select sum(case when d is null then 1 else 0 end) * 100 / count(*) from t",
            "publisher-survival",
        ),
    ],
)
def test_category_follows_the_form(sql: str, category: str) -> None:
    assert shape(sql).category == category


@pytest.mark.parametrize(
    ("sql", "counting"),
    [
        ("select count(*) from t", True),
        ("select sum(v) from t", True),
        ("select max(v) from t", False),
        ("select count(*) from t group by a", False),
    ],
)
def test_a_count_or_sum_over_all_rows_counts(sql: str, counting: bool) -> None:
    assert shape(sql).counting is counting


@pytest.mark.parametrize(
    ("text", "ordered"),
    [
        ("List the drugs in chronological order.", True),
        ("List the drugs ordered by cost.", True),
        ("What tests were ordered?", False),
        ("What are the top three drugs?", False),
    ],
)
def test_order_counts_where_the_question_asks_for_it(text: str, ordered: bool) -> None:
    assert shape("select drug from t order by cost", text).ordered is ordered


def test_no_order_without_a_sorted_query() -> None:
    assert not shape("select drug from t", "List the drugs in order.").ordered


@pytest.mark.parametrize("sql", ["", "select from where", "drop table t", "select 1; select 2"])
def test_what_is_no_query_is_refused(sql: str) -> None:
    with pytest.raises(ShapeError):
        shape(sql)


def test_columns_are_named_in_plain_words() -> None:
    found = shape("select subject_id, count(*), avg(valuenum), 1 from t group by subject_id")
    assert found.columns == ("subject id", "number", "avg of valuenum", "value")
