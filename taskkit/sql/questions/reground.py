"""Ask a published question about patients and values that this database has."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from sqlglot import exp

from taskkit.sql.questions.inference import Scalar
from taskkit.sql.questions.people import MENTION, people
from taskkit.sql.questions.slot import (
    Slot,
    bounded,
    find_slots,
    mentions,
    replace_in_text,
    replace_in_tree,
    shift_years,
    years,
)
from taskkit.sql.questions.slot_query import SlotQuery, slot_query_of
from taskkit.sqlite import BudgetError, run

CROWDS = (4, 16, 64, None)  # patients looked at together; None is all of them
TRIES = 12  # candidates drawn from each crowd
SEVERAL = 3  # events; more are no better
BLIND_TRIES = 6  # candidates drawn from the columns one by one
MAX_FOUND = 1000  # rows of a witness query
WITNESS_STEPS = 10_000_000  # SQLite instructions, about 0.2 s
YEARS = range(2100, 2106)  # what published questions speak of, and databases are shifted to
YEAR_TRIES = 2  # other years tried

PEOPLE = ("patients", "demographic")
"""Tables with a `subject_id` for everybody; a database has one of them."""
USUAL_WORDS = frozenset(
    {"with", "without", "from", "other", "patient", "patients", "hospital", "procedure"}
)
"""Words of long titles that questions use for other reasons."""

Values = dict[Slot, Scalar]


class UngroundableError(Exception):
    """A question whose text and query cannot be changed together."""


@dataclass(frozen=True, slots=True)
class Regrounded:
    """A question about other values."""

    tree: exp.Query
    text: str


def check_wording(
    tree: exp.Query, text: str, template: str, connection: sqlite3.Connection
) -> None:
    """Hold that a question says nothing of its values but their names.

    Some were reworded with the long title of a diagnosis in mind: "a closed fracture of the fx
    dorsal vertebra-close". With another value such a text would be nonsense.

    Args:
        template: The question before it was reworded; empty where unknown.

    Raises:
        UngroundableError: a word of the text stems from a long title.
    """
    slots = [slot for slot in find_slots(tree, text) if slot.column == "short_title"]
    bare = replace_in_text(text, {slot.text: " " for slot in slots})
    usual = _words(replace_in_text(template, {slot.text: " " for slot in slots})) | USUAL_WORDS
    for slot in slots:
        titles = f"select long_title from {slot.table} where short_title = :value"
        rows = run(connection, titles, {"value": slot.text}).rows
        described = {word for row in rows for word in _words(str(row[0]))}
        if left := sorted((described & _words(bare)) - usual):
            raise UngroundableError(f"{left[0]!r} in the question describes {slot.text!r}")


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z]{4,}", text.lower()))


def reground(
    tree: exp.Query, text: str, connection: sqlite3.Connection, random: Random
) -> Iterator[Regrounded]:
    """Give variants of a question, the likeliest to have an answer first.

    Values are drawn together, from rows that meet the query's own conditions, among a few
    patients, then among more; then one by one, each from its column. Years move where the
    question names them. Every variant names each new value in text and query alike.

    Raises:
        UngroundableError: the text does not say which of its words belong to the query.
    """
    for moved_tree, moved_text in _in_other_years(tree, text, random):
        slots = find_slots(moved_tree, moved_text)
        _check(slots, moved_text)
        if not slots:
            yield Regrounded(moved_tree, moved_text)
            continue
        for values in draws(moved_tree, slots, connection, random):
            if one := _apply(moved_tree, moved_text, values):
                yield one


def absent_value(
    tree: exp.Query, text: str, connection: sqlite3.Connection, *, mentioned: bool = True
) -> Slot | None:
    """Give a value that the query names and the database lacks, among those the text mentions."""
    for slot in find_slots(tree, text, mentioned=mentioned):
        query = f"select 1 from {slot.table} where {slot.column} = :value limit 1"
        if not run(
            connection, query, {"value": slot.text if slot.is_string else float(slot.text)}
        ).rows:
            return slot
    return None


def _in_other_years(tree: exp.Query, text: str, random: Random) -> Iterator[tuple[exp.Query, str]]:
    yield tree, text
    found = years(tree, text)
    if not found or any(slot.text in map(str, found) for slot in find_slots(tree, text)):
        return
    shifts = [YEARS[0] - found[0] + n for n in range(len(YEARS) - (found[-1] - found[0]))]
    for by in random.sample(shifts, min(YEAR_TRIES, len(shifts))):
        if by:
            yield shift_years(tree, text, by)


def with_own_patients(text: str, connection: sqlite3.Connection, random: Random) -> str:
    """Name patients of this database in a question that has no answer.

    Otherwise an unknown patient would tell that there is none.
    """
    patients = people(connection)
    known = {str(patient) for patient in patients}

    def replace(match: re.Match[str]) -> str:
        if match[2] in known or not known:
            return match[0]
        return f"{match[1]}{random.choice(patients)}"

    return MENTION.sub(replace, text)


def _check(slots: list[Slot], text: str) -> None:
    words = [slot.text.lower() for slot in slots]
    for slot in slots:
        if words.count(slot.text.lower()) > 1:
            raise UngroundableError(f"{slot.text!r} stands for two things")
        times = len(re.findall(bounded(slot.text), text))
        if not slot.is_string and times > 1:
            raise UngroundableError(f"the number {slot.text} occurs {times} times in the text")


def draws(
    tree: exp.Query, slots: list[Slot], connection: sqlite3.Connection, random: Random
) -> Iterator[Values]:
    """Give values for the slots of a query: those that belong together first, then any."""
    witness = slot_query_of(tree, slots)
    pools = _Pools(connection, tree)
    if witness:
        rest = [slot for slot in slots if slot not in witness.slots]
        for row in busiest_first(_crowds(witness, connection, random), random):
            drawn = {slot: pools.draw(slot, random) for slot in rest}
            yield drawn | dict(zip(witness.slots, row, strict=True))
    for _ in range(BLIND_TRIES):
        yield {slot: pools.draw(slot, random) for slot in slots}


def busiest_first(
    crowds: Iterator[list[tuple[Scalar, ...]]], random: Random
) -> Iterator[list[Scalar]]:
    """Draw some of a witness's rows in each crowd, those behind which one event stands last.

    Where there is one event only, no sort, limit or extreme can be told from another.
    """
    lonely: list[list[Scalar]] = []
    for found in crowds:
        rows = [(row, int(count or 0)) for *row, count in random.sample(found, len(found))]
        rows.sort(key=lambda one: -min(one[1], SEVERAL))
        yield from (row for row, count in rows[:TRIES] if count > 1)
        lonely += [row for row, count in rows if count <= 1][:TRIES]
    yield from lonely


def blind(
    tree: exp.Query, text: str, connection: sqlite3.Connection, random: Random
) -> Iterator[Regrounded]:
    """Give variants whose values are drawn one by one, so that they seldom belong together."""
    slots = find_slots(tree, text)
    _check(slots, text)
    pools = _Pools(connection, tree)
    for _ in range(BLIND_TRIES if slots else 0):
        if one := _apply(tree, text, {slot: pools.draw(slot, random) for slot in slots}):
            yield one


def _crowds(
    witness: SlotQuery, connection: sqlite3.Connection, random: Random
) -> Iterator[list[tuple[Scalar, ...]]]:
    """Give the witness's rows, for more and more patients in random order."""
    whole = people(connection)
    random.shuffle(whole)
    start = 0
    for size in CROWDS:
        if size is not None and start >= len(whole):
            continue
        crowd = None if size is None else whole[start : start + size]
        start += size or 0
        try:
            sql = witness.sql(crowd, MAX_FOUND)
            found = run(connection, sql, max_rows=MAX_FOUND, max_steps=WITNESS_STEPS).rows
        except (BudgetError, sqlite3.Error):
            continue
        yield sorted(found, key=repr)


def _apply(tree: exp.Query, text: str, values: Values) -> Regrounded | None:
    """Put values into query and text; None where a value cannot be told in the text."""
    words = {slot: str(value) for slot, value in values.items() if value not in (None, "")}
    if len({word.lower() for word in words.values()}) < len(values):
        return None
    changed = replace_in_text(text, {slot.text: word for slot, word in words.items()})
    if not all(mentions(changed, word) for word in words.values()):
        return None
    by_key = {slot.key: value for slot, value in values.items()}
    return Regrounded(replace_in_tree(tree, by_key), changed)


class _Pools:
    """The distinct values of columns, read once each."""

    def __init__(self, connection: sqlite3.Connection, tree: exp.Query) -> None:
        self._connection = connection
        self._tree = tree
        self._values: dict[tuple[str, str], list[Scalar]] = {}

    def draw(self, slot: Slot, random: Random) -> Scalar:
        """Draw a value of a slot's column; of items, one of the kind that the query reads."""
        place = slot.table, slot.column
        if place not in self._values:
            self._values[place] = self._read(slot)
        values = self._values[place]
        return random.choice(values) if values else None

    def _read(self, slot: Slot) -> list[Scalar]:
        kinds = [
            equality.expression.sql(dialect="sqlite")
            for equality in self._tree.find_all(exp.EQ)
            if isinstance(equality.this, exp.Column) and equality.this.name == "linksto"
        ]
        among = f" and linksto in ({', '.join(sorted(set(kinds)))})" if kinds else ""
        if slot.table != "d_items":
            among = ""
        sql = (
            f"select distinct {slot.column} from {slot.table}"
            f" where {slot.column} is not null{among} order by 1 limit 10000"
        )
        return _column(self._connection, sql)


def _column(connection: sqlite3.Connection, sql: str) -> list[Scalar]:
    return [row[0] for row in run(connection, sql, max_rows=1_000_000).rows]
