"""A nested query is asked about from the inside out, each part complete in itself."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from taskkit.build.origin import Origin
from taskkit.build.rejection import Rejection
from taskkit.errors import SpecError
from taskkit.spec.environment import Asset
from taskkit.spec.schema import schema_text
from taskkit.sql.ground import Ground
from taskkit.sql.questions.bank import Bank
from taskkit.sql.questions.decompose import CutError, cuts, text
from taskkit.sql.questions.dialogue import DOCUMENTS, Dialogue, compiled
from taskkit.sql.questions.fill import Filler
from taskkit.sql.questions.question import Question

ROOT = Path(__file__).parents[3]
BANK = """\
schema: taskkit/bank/1
now: "2105-12-31 23:59:00"
"""
FILE = """\
schema: taskkit/dialogues/1
category: cohort
dialogues:
  - id: drug-old
    fill: select distinct drug from rx
    sql: |
      select avg(p.age) from people p where p.age > 40 and p.id in (
        select r.id from rx r where r.drug = {drug}
      )
    turns:
      - give: count(distinct r.id)
        phrasings: ["How many got {drug}?", "Count users of {drug}.", "Users of {drug}?"]
        answer: {kind: integer}
      - give: count(*)
        phrasings: [Of those over 40?, How many of them above 40?, And above 40?]
        answer: {kind: integer}
      - cut: 2
        phrasings: ["Their mean age?", "And their age?", "On average?"]
        answer: {kind: number}
"""


@pytest.fixture
def db() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.executescript(
        "create table people (id int, age int); create table rx (id int, drug text);"
        "insert into people values (1, 30), (2, 50), (3, 60), (4, 70);"
        "insert into rx values (1, 'a'), (2, 'a'), (3, 'a'), (1, 'b'), (4, 'c'), (4, 'c')"
    )
    return connection


def bank(folder: Path, file: str = FILE) -> Bank:
    (folder / "dialogues").mkdir(parents=True)
    (folder / "bank.yaml").write_text(BANK)
    (folder / "dialogues" / "cohort.yaml").write_text(file)
    return Bank.load(folder)


def flat(sql: str) -> str:
    return " ".join(sql.split()).lower().replace("( ", "(").replace(" )", ")")


@pytest.mark.parametrize(
    ("sql", "parts"),
    [
        ("select a from t", ["select a from t"]),
        (
            "select t.a from t where t.b in (select u.b from u where u.c = {c})",
            ["select u.b from u where u.c = {c}", None],
        ),
        (
            "select t.a from t where t.b = (select max(u.b) from u)",
            ["select max(u.b) from u", None],
        ),
        (
            "with w as (select u.b from u) select t.a from t where t.b in (select w.b from w)",
            ["select u.b from u", "with w as (select u.b from u) select w.b from w", None],
        ),
        ("select t.a from t where exists(select 1 from u where u.b = t.b)", [None]),
        ("select s.b from (select u.b from u) as s", ["select u.b from u", None]),
    ],
)
def test_the_inner_parts_come_first_and_stand_alone(sql: str, parts: list[str | None]) -> None:
    found = [flat(text(one)) for one in cuts(sql)]
    assert found[-1] == flat(sql)
    assert len(found) == len(parts)
    assert all(part in (None, one) for part, one in zip(parts, found, strict=True))


def test_every_part_runs(db: sqlite3.Connection) -> None:
    sql = (
        "with w as (select r.id, count(*) as n from rx r group by r.id) select p.id from people p"
        " where p.id in (select w.id from w where w.n = (select max(v.n) from w v))"
    )
    rows = [db.execute(text(part)).fetchall() for part in cuts(sql)]
    assert rows[1:] == [[(2,)], [(1,), (4,)], [(1,), (4,)]]


def test_a_part_can_give_other_columns() -> None:
    (part, _) = cuts("select t.a from t where t.b in (select distinct u.b from u order by u.b)")
    assert flat(text(part, "count(distinct u.c)")) == "select count(distinct u.c) from u"


@pytest.mark.parametrize("inner", ["select u.b from u limit 1", "select u.b from u group by u.b"])
def test_other_columns_of_limited_or_grouped_rows_are_refused(inner: str) -> None:
    with pytest.raises(CutError, match="LIMIT or GROUP BY"):
        text(cuts(f"select t.a from t where t.b in ({inner})")[0], "count(*)")


@pytest.mark.parametrize("sql", ["select (", "delete from t", "select 1 union select 2"])
def test_what_is_no_select_is_refused(sql: str) -> None:
    with pytest.raises(CutError):
        cuts(sql)


def test_a_dialogue_is_filled_and_answered_turn_by_turn(
    tmp_path: Path, db: sqlite3.Connection
) -> None:
    made = bank(tmp_path)
    made.check(db)
    found = list(Filler(made, db, 0).fill("drug-old", 10))
    by_drug = {one.record[-2]: one for one in found}
    asked = by_drug["a"]
    assert isinstance(asked, Question)
    assert [asked.expected, *(one.expected for one in asked.follow_ups)] == [3, 2, 55.0]
    nobody = by_drug["b"]
    assert isinstance(nobody, Rejection)
    assert nobody.code == "degenerate_answer"


def test_a_turn_that_changes_nothing_rejects_the_dialogue(
    tmp_path: Path, db: sqlite3.Connection
) -> None:
    found = {one.record[-2]: one for one in Filler(bank(tmp_path), db, 0).fill("drug-old", 10)}
    alone = found["c"]
    assert isinstance(alone, Rejection)
    assert alone.detail == "turn 2 changes nothing"


def test_a_later_turn_that_the_span_of_time_does_not_change_rejects_the_dialogue(
    tmp_path: Path,
) -> None:
    connection = sqlite3.connect(":memory:")
    connection.executescript(
        "create table people (id int, age int); create table rx (id int, drug text, began text);"
        "insert into people values (1, 30), (2, 50), (3, 60), (4, 70), (5, 80);"
        "insert into rx values (2, 'a', '2104-05-01 10:00:00'), (3, 'a', '2104-06-01 10:00:00'),"
        " (1, 'a', '2104-06-02 10:00:00'), (1, 'a', '2101-01-01 10:00:00'),"
        " (5, 'a', '2101-01-01 10:00:00')"
    )
    file = (
        FILE.replace("select distinct drug from rx", "select drug, max(began) as at from rx")
        .replace("r.drug = {drug}", "r.drug = {drug} and {window}")
        .replace("    sql: |", "    window: {column: r.began, kinds: [year]}\n    sql: |", 1)
        .replace("got {drug}?", "got {drug} {window}?")
        .replace("users of {drug}.", "users of {drug} {window}.")
        .replace("Users of {drug}?", "Users of {drug} {window}?")
    )
    (asked,) = Filler(bank(tmp_path, file), connection, 0).fill("drug-old", 1)
    assert isinstance(asked, Question)  # 3 and 2 in the year, 4 and 3 in all
    connection.execute("update people set age = 20 where id = 5")
    (alone,) = Filler(bank(tmp_path / "again", file), connection, 0).fill("drug-old", 1)
    assert isinstance(alone, Rejection)
    assert alone.detail == "turn 2: the same without the span of time"


def test_the_ways_to_ask_of_all_turns_belong_together(
    tmp_path: Path, db: sqlite3.Connection
) -> None:
    made = bank(tmp_path)
    (entry,) = made.entries.values()
    for one in Filler(made, db, 0).fill("drug-old", 10):
        if isinstance(one, Question):
            way = [p.replace("{drug}", "a") for p in entry.template.phrasings].index(one.text)
            said = [turn.phrasings[way] for turn in entry.follow_ups]
            assert [next.text for next in one.follow_ups] == said


def test_a_dialogue_becomes_one_task_with_turns(tmp_path: Path, db: sqlite3.Connection) -> None:
    ground = Ground(
        domain="toy",
        image="sql",
        asset=Asset(name="toy.sqlite", sha256="0" * 64),
        documents=(),
        origin=Origin("toy", "none", "open", "0" * 64),
        citation=None,
    )
    found = Filler(bank(tmp_path), db, 0).fill("drug-old", 10)
    (spec,) = [ground.task(one) for one in found if isinstance(one, Question)]
    assert [turn.answer.kind for turn in spec.dialogue] == ["integer", "integer", "number"]
    assert spec.turns[0].instruction.endswith("Answer with one whole number.")


def changed(old: str, new: str) -> str:
    assert old in FILE
    return FILE.replace(old, new)


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (changed("cut: 2", "cut: 3"), "turn 3: cut 3: the query has 2 parts"),
        (
            changed("Count users of {drug}.", "Count users."),
            "turn 1, phrasing 2: {drug} is missing",
        ),
        (changed(", And above 40?]", "]"), "at least 3 items"),
        (changed(', "On average?"]', ', "On average?", "How old?"]'), "as many phrasings"),
        (changed("from people p where", "from people p wher"), "not for sqlglot"),
    ],
)
def test_a_mistake_in_a_dialogue_is_told_with_its_place(
    tmp_path: Path, file: str, message: str
) -> None:
    with pytest.raises(SpecError) as raised:
        bank(tmp_path, file)
    assert message in str(raised.value)
    assert "cohort.yaml" in str(raised.value)


def test_an_unknown_column_in_a_later_turn_is_found(tmp_path: Path, db: sqlite3.Connection) -> None:
    made = bank(tmp_path, changed("p.age > 40", "p.years > 40"))
    with pytest.raises(SpecError, match=r"no such column: p\.years"):
        made.check(db)


def test_a_window_belongs_to_the_first_turn() -> None:
    values: dict[str, Any] = {
        "id": "x",
        "fill": "select 1 as at",
        "window": {"column": "u.d", "kinds": ["year"]},
        "sql": "select t.a from t where {window} and t.b in (select u.b from u)",
        "turns": [
            {"phrasings": ["a?", "b?", "c?"], "answer": {"kind": "integer"}},
            {
                "phrasings": ["{window} a", "{window} b", "{window} c"],
                "answer": {"kind": "integer"},
            },
        ],
    }
    with pytest.raises(SpecError, match="go together"):
        compiled(Dialogue.model_validate(values), "here")


def test_the_published_schema_is_that_of_the_model() -> None:
    published = (ROOT / "schemas" / "dialogues.json").read_text("utf-8")
    assert published == schema_text("dialogues", DOCUMENTS), "run `make schemas`"
