"""Which split a question belongs to, so that train and test share no template or no patient."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, TypeAlias

from sqlglot import exp

from taskkit.build.rejection import Rejection
from taskkit.spec.task import Split
from taskkit.sql.mutants.family import form
from taskkit.sql.mutants.sql import UnparsableError, parse
from taskkit.sql.questions.fill import SPLITS
from taskkit.sql.questions.question import Question
from taskkit.sql.questions.slot import base_column

SplitBy: TypeAlias = Literal["record", "template", "patient", "both"]


@dataclass(frozen=True, slots=True)
class PatientColumn:
    """Where a database keeps its patients, one row or more each."""

    table: str
    column: str


class Separation:
    """Moves questions to the split of their template, of their patients, or of both."""

    def __init__(
        self, by: SplitBy, connection: sqlite3.Connection, patients: PatientColumn, *, bank: bool
    ) -> None:
        """Separate the questions over one database.

        Args:
            by: What train and test may not share; `record` leaves every question where it is.
            connection: The database.
            patients: Where it keeps its patients.
            bank: Records begin with the name of their template; else the form of the query is it.
        """
        self._by, self._connection = by, connection
        self._patients, self._bank = patients, bank
        self._owners: dict[tuple[str, str], str | None] = {}

    def assign(self, one: Question | Rejection) -> Question | Rejection:
        """Give a question its split; reject it where its parts belong to several."""
        if isinstance(one, Rejection) or self._by == "record":
            return one
        wanted: dict[str, Split] = {}
        if self._by in ("template", "both"):
            wanted["template"] = allotted(f"template {self.template(one)}")
        if self._by in ("patient", "both"):
            for patient in self.patients(one):
                wanted[f"patient {patient}"] = allotted(f"patient {patient}")
        splits = set(wanted.values())
        if len(splits) > 1:
            said = ", ".join(f"{what} in {split}" for what, split in wanted.items())
            return Rejection(one.record, "split_apart", said)
        return replace(one, split=splits.pop()) if splits else one

    def template(self, question: Question) -> str:
        """Name what a question was made from: its template, or its queries without their values."""
        if self._bank:
            return question.record.split()[0]
        return "; ".join(form(sql) for sql in queries(question)) or question.text

    def patients(self, question: Question) -> list[str]:
        """Give the patients that a question is about: those that its queries name."""
        found: set[str] = set()
        for sql in queries(question):
            try:
                literals = list(parse(sql).find_all(exp.Literal))
            except UnparsableError:
                continue
            for literal in literals:
                found.update(self._named(literal))
        return sorted(found)

    def _named(self, literal: exp.Literal) -> Iterator[str]:
        """Give the patient that a literal names, by an identifier of the patient's or of a stay."""
        parent = literal.parent
        if isinstance(parent, exp.EQ | exp.In):
            sides = [parent.this, parent.args.get("expression")]
            for side in sides:
                assign = base_column(side) if isinstance(side, exp.Column) else None
                owner = self._owner(*assign) if assign else None
                if assign and owner:
                    query = f'select distinct "{self._patients.column}" from "{owner}"'
                    query += f' where "{assign[1]}" = ?'
                    value = literal.this if literal.is_string else literal.to_py()
                    yield from (str(row[0]) for row in self._connection.execute(query, (value,)))

    def _owner(self, table: str, column: str) -> str | None:
        """Give the table that tells the patient of a column's value; None where none does."""
        key = table, column
        if key not in self._owners:
            tables = (self._patients.table, table)
            self._owners[key] = next((t for t in tables if self._identifies(t, column)), None)
        return self._owners[key]

    def _identifies(self, table: str, column: str) -> bool:
        """Whether a column identifies stays or patients: each of its values is of one patient."""
        names = self._columns.get(table, frozenset())
        if not {column, self._patients.column} <= names:
            return False
        if column == self._patients.column:
            return True
        if not column.endswith(("id", "name")):  # a rare diagnosis names nobody
            return False
        query = (
            f'select 1 from "{table}" group by "{column}"'
            f' having count(distinct "{self._patients.column}") > 1 limit 1'
        )
        return self._connection.execute(query).fetchone() is None

    @cached_property
    def _columns(self) -> dict[str, frozenset[str]]:
        names = self._connection.execute("select name from sqlite_schema where type = 'table'")
        found = {}
        for (name,) in names.fetchall():
            rows = self._connection.execute(f'pragma table_info("{name}")')
            found[name.lower()] = frozenset(row[1].lower() for row in rows)
        return found


def queries(question: Question) -> list[str]:
    """Give the queries of a question and of those that follow it."""
    return [sql for sql in (question.sql, *(one.sql for one in question.follow_ups)) if sql]


def allotted(key: str) -> Split:
    """Give the split of a name: eight in ten train, one valid, one test."""
    return SPLITS[int(hashlib.sha256(key.encode()).hexdigest()[:8], 16) % len(SPLITS)]
