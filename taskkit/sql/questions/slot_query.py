"""Turn a question's query inside out: ask which values it would find something for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from taskkit.sql.questions.people import NAMES, Person, person_column, written
from taskkit.sql.questions.slot import Slot, slot_of, sources

MAX_TABLES = 30  # SQLite joins 64 at most, and plans many slowly


@dataclass(frozen=True, slots=True)
class SlotQuery:
    """A query whose rows are values for slots, together."""

    slots: tuple[Slot, ...]
    """The slots filled, in the order of the columns."""
    subject: str | None
    """A column that holds patients: the slot that names one, else that of the first event."""
    body: str
    """What follows the columns; always with a where clause."""
    columns: tuple[str, ...]

    def sql(self, patients: Sequence[Person] | None, limit: int) -> str:
        """Give the query, for some patients only where they are given.

        Its last column is how many rows of the tables each row stands for.
        """
        among = ""
        if patients is not None and self.subject:
            among = f" and {self.subject} in ({', '.join(map(written, patients))})"
        names = ", ".join(self.columns)
        return f"select {names}, count(*) {self.body}{among} group by {names} limit {limit}"


def slot_query_of(tree: exp.Query, slots: list[Slot]) -> SlotQuery | None:
    """Give the query that fills slots with values that belong together; None where none does.

    Every condition that rows must meet one by one is kept: joins, subqueries that a column must
    be in or equal, periods, missing discharge times. What looks at several rows at a time (limits,
    groups, ranks) is left out, so that a row is a likely witness, to be confirmed by running the
    question's own query. Slots that no condition ties to the rest are not among the columns.
    """
    flat = _Flat({slot.key for slot in slots})
    flat.query(tree)
    filled = tuple(slot for slot in slots if slot.key in flat.places)
    if not filled or len(flat.tables) > MAX_TABLES:
        return None
    columns = tuple(flat.places[slot.key][0] for slot in filled)
    same = [
        f"{other} = {first}"
        for first, *rest in flat.places.values()
        for other in dict.fromkeys(rest)
        if other != first
    ]
    conditions = [f"{column} is not null" for column in columns] + flat.conditions + same
    named = (c for c, slot in zip(columns, filled, strict=True) if slot.column in NAMES)
    tables = (table.split() for table in flat.tables)
    events = [c for name, _, alias in tables if (c := person_column(name.lower(), alias))]
    events.sort(key=lambda column: not column.endswith(".uniquepid"))
    subject = next(named, next(iter(events), None))
    body = f"from {', '.join(flat.tables)} where {' and '.join(conditions)}"
    return SlotQuery(filled, subject, body, columns)


_Scope = dict[str, "str | dict[str, str]"]
"""Name of a source to its alias in the witness or, for a derived table, to its columns there."""


@dataclass
class _Flat:
    """Nested queries as one list of tables and conditions."""

    wanted: set[tuple[str, str]]
    tables: list[str] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    places: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def query(self, tree: exp.Expr) -> dict[str, str]:
        """Add a query; give its projected columns by name."""
        while not isinstance(tree, exp.Select):
            if not isinstance(tree, (exp.SetOperation, exp.Subquery, exp.Paren)):
                return {}
            tree = tree.this
        scope = self._sources(tree)
        for condition in _conjuncts(tree):
            self._condition(condition, scope)
        if not scope:
            self._values(tree)
        columns = {}
        for projection in tree.selects:
            if place := _place(projection.unalias(), scope):
                columns[projection.alias_or_name.lower()] = place
        return columns

    def _sources(self, select: exp.Select) -> _Scope:
        scope: _Scope = {}
        for source in sources(select):
            name = source.alias_or_name.lower()
            if isinstance(source, exp.Table):
                alias = f"s{len(self.tables)}"
                self.tables.append(f"{source.name} as {alias}")
                scope[name] = alias
            else:
                scope[name] = self.query(source.this)
        return scope

    def _values(self, select: exp.Select) -> None:
        """Add the subqueries that a query without tables computes with, while slots are open."""
        for subquery in select.find_all(exp.Subquery):
            if subquery.find_ancestor(exp.Select) is select and self.wanted - set(self.places):
                self.query(subquery.this)

    def _condition(self, condition: exp.Expr, scope: _Scope) -> None:
        if isinstance(condition, (exp.EQ, exp.In)) and (place := _place(condition.this, scope)):
            if self._fills(condition, place):
                return
            if nested := _nested(condition):
                self._tie(condition.this, nested, place)
                return
        if condition.find(exp.Query, exp.AggFunc, exp.Window):
            return
        if any(_slot_key(literal) in self.wanted for literal in condition.find_all(exp.Literal)):
            return
        if renamed := _renamed(condition, scope):
            self.conditions.append(renamed)

    def _fills(self, condition: exp.Expr, place: str) -> bool:
        """Take the first slot of an equality or a list of values as filled by a column."""
        for literal in condition.find_all(exp.Literal):
            key = _slot_key(literal)
            if literal.parent is condition and key in self.wanted:
                assert key is not None
                self.places.setdefault(key, []).append(place)
                return True
        return False

    def _tie(self, column: exp.Expr, nested: exp.Expr, place: str) -> None:
        """Hold a column equal to what a subquery projects; the time of an extreme one is free."""
        if nested.args.get("limit") and column.name.lower().endswith(("time", "date")):
            return
        columns = list(self.query(nested).values())
        if columns:
            self.conditions.append(f"{place} = {columns[0]}")


def _conjuncts(select: exp.Select) -> list[exp.Expr]:
    where = select.args.get("where")
    conditions = [where.this] if where else []
    conditions += [on for join in select.args.get("joins") or [] if (on := join.args.get("on"))]
    parts: list[exp.Expr] = []
    for condition in conditions:
        whole = condition.unnest()
        parts += [p.unnest() for p in whole.flatten()] if isinstance(whole, exp.And) else [whole]
    return parts


def _nested(condition: exp.Expr) -> exp.Expr | None:
    """Give the query that a column is compared with."""
    other = condition.args.get("query") or condition.args.get("expression")
    inner = other.unnest() if other else None
    if isinstance(inner, exp.Subquery):
        inner = inner.this
    return inner if isinstance(inner, exp.Query) else None


def _slot_key(literal: exp.Literal) -> tuple[str, str] | None:
    slot = slot_of(literal)
    return slot.key if slot else None


def _place(expression: exp.Expr, scope: _Scope) -> str | None:
    """Give a column's name in the witness."""
    if not isinstance(expression, exp.Column):
        return None
    name = expression.table.lower()
    if not name and len(scope) == 1:
        name = next(iter(scope))
    source = scope.get(name)
    if isinstance(source, dict):
        return source.get(expression.name.lower())
    return f"{source}.{expression.name}" if source else None


def _renamed(condition: exp.Expr, scope: _Scope) -> str | None:
    copy = condition.copy()
    for column in list(copy.find_all(exp.Column)):
        place = _place(column, scope)
        if place is None:
            return None
        alias, name = place.split(".")
        column.replace(exp.column(name, alias))
    return copy.sql(dialect="sqlite", copy=False)
