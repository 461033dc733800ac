"""Values in several units, and numbers that are texts, are compared by no question."""

from __future__ import annotations

import sqlite3

import pytest

from taskkit.build.rejection import Rejection
from taskkit.sql.questions.bank import Bank
from taskkit.sql.questions.fill import Filler
from taskkit.sql.questions.measure import Measure, Measures
from taskkit.sql.questions.published import Published
from taskkit.sql.questions.publisher import PublisherOptions, answer_question
from taskkit.sql.questions.question import Question
from tests.sql.questions.clinic import DOMAIN, clinic

LABS = Measure("labs", "valuenum", "itemid", "valueuom", ("items", "label"))
DOSES = Measure("doses", "dose", "drug", "unit")
ITEM = "itemid in (select itemid from items where label = '{}')"
GLUCOSE, POTASSIUM = ITEM.format("glucose"), ITEM.format("potassium")


@pytest.fixture(scope="module")
def db() -> sqlite3.Connection:
    made = sqlite3.connect(":memory:")
    made.executescript("""
        create table items (itemid integer, label text);
        insert into items values (1, 'glucose'), (2, 'potassium'), (3, 'sodium'), (4, 'sodium');
        create table labs (patient integer, itemid integer, valuenum real, valueuom text);
        insert into labs values (1, 1, 126, 'mg/dL'), (1, 1, 7, 'mmol/L'), (2, 1, 90, 'mg/dl'),
            (1, 2, 4.1, 'mEq/L'), (1, 2, 4.5, 'meq/l'), (2, 2, 3.9, null), (2, 2, 5.0, ' '),
            (1, 3, 140, 'mEq/L'), (2, 4, 3200, 'mg/L');
        create table doses (patient integer, drug text, dose text, unit text);
        insert into doses values (1, 'heparin', '5000', 'unit'), (1, 'heparin', '81', 'unit'),
            (2, 'aspirin', '81', 'mg'), (2, 'aspirin', '325.5', 'mg'),
            (3, 'insulin', '5-10', 'unit'), (3, 'insulin', '12', 'unit'),
            (4, 'zinc', '1,000', 'mg'), (4, 'zinc', '220', 'mg');
    """)
    return made


@pytest.fixture(scope="module")
def measures(db: sqlite3.Connection) -> Measures:
    return Measures.of((LABS, DOSES), db)


@pytest.mark.parametrize(
    "sql",
    [
        f"select avg(valuenum) from labs where {GLUCOSE}",
        f"select max(l.valuenum) from labs l where l.{GLUCOSE}",
        f"select count(*) from labs where {GLUCOSE} and valuenum > 100",
        f"select patient from labs where {GLUCOSE} order by valuenum desc limit 1",
        f"with r as (select valuenum as v from labs where {GLUCOSE}) select max(v) from r",
        f"select rank() over (order by valuenum) from labs where {GLUCOSE}",
        f"select y.valuenum - x.valuenum from labs x, labs y where x.{GLUCOSE} and y.{GLUCOSE}",
        "select avg(valuenum) from labs where itemid = 1",
        "select avg(valuenum) from labs natural join items where lower(label) like 'glu%'",
        "select max(valuenum) from labs",
        f"select avg(valuenum) from labs where {ITEM.format('sodium')}",
        f"select avg(valuenum) from labs where {GLUCOSE} and valueuom in ('mg/dl', 'mmol/l')",
    ],
)
def test_values_in_several_units_are_not_compared(measures: Measures, sql: str) -> None:
    found = measures.fault(sql, "What is it in mg/dL?")
    assert found is not None
    assert found[0] == "mixed_units"


@pytest.mark.parametrize(
    "sql",
    [
        f"select avg(valuenum) from labs where {POTASSIUM}",
        f"select valuenum, valueuom from labs where {GLUCOSE}",
        f"select count(*) from labs where {GLUCOSE} and valuenum is not null",
        f"select count(valuenum) from labs where {GLUCOSE}",
        f"select avg(valuenum) from labs where {GLUCOSE} and valueuom = 'mg/dL'",
        "select avg(valuenum) from labs where itemid = 3",
        "select count(*) from items",
    ],
)
def test_values_in_one_unit_are_compared(measures: Measures, sql: str) -> None:
    assert measures.fault(sql, "What is it in mg/dL?") is None


def test_the_unit_that_a_query_holds_to_stands_in_the_question(measures: Measures) -> None:
    sql = f"select avg(valuenum) from labs where {GLUCOSE} and valueuom = 'mg/dl'"
    assert measures.fault(sql, "What is the average glucose?") == (
        "mixed_units", "labs.valuenum of 'glucose' is in mg/dl, mmol/l",
    )  # fmt: skip
    assert measures.fault(sql, "What is the average glucose in mg/dL?") is None


@pytest.mark.parametrize(
    "sql",
    [
        "select max(dose) from doses where drug = 'heparin'",
        "select min(d.dose) from doses d where d.drug = 'aspirin'",
        "select count(*) from doses where drug = 'aspirin' and dose > 100",
        "select patient from doses where drug = 'heparin' order by dose desc limit 1",
        "with d as (select dose as d from doses) select max(d) from d",
        "select sum(dose) from doses where drug = 'insulin'",
        "select max(cast(dose as real)) from doses where drug = 'zinc'",
        "select avg(dose) from doses",
    ],
)
def test_texts_are_not_ranked_and_what_is_no_number_is_not_added(
    measures: Measures, sql: str
) -> None:
    found = measures.fault(sql, "What is it?")
    assert found is not None
    assert found[0] == "text_numbers"


@pytest.mark.parametrize(
    "sql",
    [
        "select max(cast(dose as real)) from doses where drug = 'heparin'",
        "select sum(dose) from doses where drug = 'aspirin'",
        "select dose from doses where drug = 'insulin'",
        "select count(*) from doses where drug = 'insulin' and dose = '12'",
        "with d as (select cast(dose as real) as d from doses where drug = 'heparin')"
        " select max(d) from d",
    ],
)
def test_numbers_made_of_texts_are_compared(measures: Measures, sql: str) -> None:
    assert measures.fault(sql, "What is it?") is None


def test_the_items_that_are_left_out_are_named(measures: Measures) -> None:
    assert list(measures.notes()) == [
        "labs.valuenum: 2 items in several units, left out of questions that compare their"
        " values: glucose, sodium",
        "doses.dose: 2 items with a text that is no number, left out of questions that compare"
        " their values: insulin, zinc",
    ]


def test_a_published_question_over_several_units_is_put_aside(
    db: sqlite3.Connection, measures: Measures
) -> None:
    options = PublisherOptions(current_time="2105-12-31 23:59:00", measures=measures)
    codes = {}
    for item in ("glucose", "potassium"):
        sql = f"select avg(valuenum) from labs where {ITEM.format(item)}"
        one = Published("q1", "0" * 64, "train", f"What is the average {item}?", sql, answer=None)
        found = answer_question(one, db, options)
        codes[item] = found.code if isinstance(found, Rejection) else found.expected
    assert codes["glucose"] == "mixed_units"
    assert codes["potassium"] == pytest.approx(4.375)


def test_a_bank_leaves_items_in_several_units_out() -> None:
    bank, database = Bank.load(DOMAIN), clinic()
    measure = Measure("labevents", "valuenum", "itemid", "valueuom", ("d_labitems", "label"))
    names = [name for name, e in bank.entries.items() if "avg(l.valuenum)" in e.template.sql]
    plain = Filler(bank, database, 0)
    assert any(isinstance(one, Question) for name in names for one in plain.fill(name, 5))
    database.execute("update labevents set valueuom = 'mmol/l' where row_id % 2")
    mixed = Filler(bank, database, 0, measures=Measures.of((measure,), database))
    found = [one for name in names for one in mixed.results(name)]
    assert {one.code for one in found if isinstance(one, Rejection)} >= {"mixed_units"}
    assert not any(isinstance(one, Question) for one in found)
