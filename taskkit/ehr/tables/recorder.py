"""Writes event tables: times moved, values permuted, rows numbered, charges added."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import itemgetter
from pathlib import Path
from random import Random

from taskkit.ehr.tables.column import Cell
from taskkit.ehr.tables.database import DatabaseWriter
from taskkit.ehr.tables.prices import Prices
from taskkit.ehr.tables.shift import Shift
from taskkit.ehr.tables.spool import Row, Spool

BATCH = 10_000  # rows inserted at once


@dataclass(frozen=True)
class EventTable:
    """A table of events, by its columns in the database."""

    name: str
    own: tuple[str, ...]
    """The columns that stay with the patient; the first is the patient."""
    values: tuple[str, ...]
    """The columns that change places together where values are shuffled."""
    time: str
    """The column of `own` that says when; an event without a time is left out."""
    end: str | None = None
    """The column of `own` that says until when; null where that has not happened yet."""
    priced: str | None = None
    """The column of `values` that has a price."""
    key: str = "row_id"
    """The column that numbers the rows."""
    payer: tuple[str, str] = ("subject_id", "hadm_id")
    """The columns of `own` that a charge names: the patient and the hospital stay."""


@dataclass
class Recorder:
    """What all event tables of a database share."""

    writer: DatabaseWriter
    columns: Mapping[str, tuple[str, ...]]
    """The columns of every table, in the order of the schema."""
    shift: Shift
    earliest: str | None
    """Events before this time are left out."""
    shuffle_seed: str | None
    """Shuffle the values of each table from this seed; none leaves them in place."""
    prices: Prices
    scratch: Path
    """A folder on a disk with room for the rows."""
    charges: int = 0
    """Rows of `cost` so far."""

    def write(self, table: EventTable, rows: Iterable[Row]) -> None:
        """Write a table from rows of its `own` and `values` columns."""
        with Spool(self.scratch) as spool:
            self._collect(table, rows, spool)
            if self.shuffle_seed is not None:
                spool.shuffle(Random(f"{self.shuffle_seed}/shuffle/{table.name}"))
            records = numbered((*own, *values) for own, values in spool)
            given = (table.key, *table.own, *table.values)
            pick = itemgetter(*(given.index(name) for name in self.columns[table.name]))
            concept = given.index(table.priced) if table.priced else None
            prices = self._prices(table, spool)
            while batch := list(islice(records, BATCH)):
                self.writer.insert(table.name, map(pick, batch))
                if concept is not None:
                    when = given.index(table.time)
                    who, stay = (given.index(name) for name in table.payer)
                    charges = ((r[who], r[stay], r[0], r[when], prices[r[concept]]) for r in batch)
                    self.writer.insert("cost", self._charges(table.name, charges))

    def _collect(self, table: EventTable, rows: Iterable[Row], spool: Spool) -> None:
        width, time = len(table.own), table.own.index(table.time)
        end = None if table.end is None else table.own.index(table.end)
        for row in rows:
            own = list(row[:width])
            own[time] = when = self._moved(own[0], own[time])
            if when is None or (self.earliest is not None and when < self.earliest):
                continue
            if end is not None:
                own[end] = self._moved(own[0], own[end])
            spool.add(tuple(own), row[width:])

    def _moved(self, patient: Cell, moment: Cell) -> str | None:
        assert isinstance(patient, int)
        assert moment is None or isinstance(moment, str)
        return self.shift(patient, moment)

    def _prices(self, table: EventTable, spool: Spool) -> Mapping[Cell, float]:
        if table.priced is None:
            return {}
        position = table.values.index(table.priced)
        return self.prices(table.name, {values[position] for values in spool.distinct()})

    def _charges(self, table: str, rows: Iterable[Row]) -> Iterator[Row]:
        for patient, stay, event, when, price in rows:
            yield self.charges, patient, stay, table, event, when, price
            self.charges += 1


def numbered(rows: Iterable[Sequence[Cell]]) -> Iterator[Row]:
    """Put a row number in front of each row, from 0."""
    return ((i, *row) for i, row in enumerate(rows))
