"""What a database says of one hospital stay."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

Kind = Literal["lab", "vital", "drug", "organism", "intake", "output", "diagnosis", "procedure"]
Cell = str | float | None


@dataclass(frozen=True)
class Source:
    """Where the events of one kind are kept."""

    table: str
    naming: str
    """The column that names what the event is about: a label, a drug, a title."""
    columns: tuple[str, ...]
    """What a note may state of it."""
    query: str
    """Gives `naming` and `columns` of a stay's events, whose number is `:hadm`."""


UNITS = "(select icustay_id from icustays where hadm_id = :hadm)"  # their index is by unit stay
SOURCES: Mapping[Kind, Source] = {
    "lab": Source(
        "labevents",
        "label",
        ("charttime", "valuenum", "valueuom"),
        "select d.label, e.charttime, e.valuenum, e.valueuom from labevents e"
        " join d_labitems d using (itemid)"
        " where e.hadm_id = :hadm and e.valuenum is not null and e.charttime is not null",
    ),
    "vital": Source(
        "chartevents",
        "label",
        ("charttime", "valuenum", "valueuom"),
        "select d.label, e.charttime, e.valuenum, e.valueuom from chartevents e"
        f" join d_items d using (itemid) where e.icustay_id in {UNITS}"
        " and e.valuenum is not null",
    ),
    "drug": Source(
        "prescriptions",
        "drug",
        ("startdate", "enddate", "dose_val_rx", "dose_unit_rx"),
        "select drug, startdate, enddate, dose_val_rx, dose_unit_rx, route"
        " from prescriptions where hadm_id = :hadm",
    ),
    "organism": Source(
        "microbiologyevents",
        "org_name",
        ("charttime", "spec_type_desc"),
        "select org_name, charttime, spec_type_desc from microbiologyevents"
        " where hadm_id = :hadm and org_name is not null and spec_type_desc is not null",
    ),
    "intake": Source(
        "inputevents_cv",
        "label",
        ("charttime", "amount"),
        "select d.label, e.charttime, e.amount from inputevents_cv e"
        f" join d_items d using (itemid) where e.icustay_id in {UNITS} and e.amount > 0",
    ),
    "output": Source(
        "outputevents",
        "label",
        ("charttime", "value"),
        "select d.label, e.charttime, e.value from outputevents e"
        f" join d_items d using (itemid) where e.icustay_id in {UNITS} and e.value > 0",
    ),
    "diagnosis": Source(
        "diagnoses_icd",
        "long_title",
        (),
        "select d.long_title, d.icd9_code from diagnoses_icd e"
        " join d_icd_diagnoses d using (icd9_code) where e.hadm_id = :hadm",
    ),
    "procedure": Source(
        "procedures_icd",
        "long_title",
        (),
        "select d.long_title, d.icd9_code from procedures_icd e"
        " join d_icd_procedures d using (icd9_code) where e.hadm_id = :hadm",
    ),
}
TIMES: Mapping[Kind, str] = {
    "lab": "charttime",
    "vital": "charttime",
    "drug": "startdate",
    "organism": "charttime",
    "intake": "charttime",
    "output": "charttime",
}
"""The column that says when an event was, of the kinds that have one."""
VALUES: Mapping[Kind, str] = {
    "lab": "valuenum",
    "vital": "valuenum",
    "drug": "dose_val_rx",
    "organism": "spec_type_desc",
    "intake": "amount",
    "output": "value",
}
"""The column with what was measured, given or grown in."""


@dataclass(frozen=True)
class Event:
    """One row about a stay."""

    kind: Kind
    item: str
    cells: Mapping[str, Cell]
    time: str = ""
    """When it was; empty where nobody wrote it down."""


@dataclass(frozen=True)
class Record:
    """One hospital stay."""

    hadm: int
    subject: int
    sex: str
    age: int
    admitted: str
    discharged: str | None
    died: bool
    units: tuple[tuple[str, str, str], ...]
    """Stays in intensive care: unit, begin, end (the present where there is none)."""
    events: Mapping[Kind, tuple[Event, ...]]

    @cached_property
    def by_item(self) -> Mapping[tuple[Kind, str], list[Event]]:
        """The events about one thing, in the order of time."""
        found: defaultdict[tuple[Kind, str], list[Event]] = defaultdict(list)
        for kind, events in self.events.items():
            for event in events:
                found[kind, event.item].append(event)
        return found

    def about(self, kind: Kind, item: str) -> list[Event]:
        """The events about one thing; none where it was never recorded."""
        return self.by_item.get((kind, item), [])


STAY = """
select a.hadm_id, a.subject_id, p.gender, a.age, a.admittime, a.dischtime, a.discharge_location
from admissions a join patients p using (subject_id) where a.hadm_id = ?
"""


def read_record(connection: sqlite3.Connection, hadm: int) -> Record:
    """Read all that a note may state of one stay."""
    stay = connection.execute(STAY, (hadm,)).fetchone()
    units = connection.execute(
        "select first_careunit, intime, coalesce(outtime, '9999') from icustays"
        " where hadm_id = ? order by intime",
        (hadm,),
    ).fetchall()
    events = {kind: _events(connection, kind, hadm) for kind in SOURCES}
    return Record(
        hadm=stay[0],
        subject=stay[1],
        sex=stay[2],
        age=stay[3],
        admitted=stay[4],
        discharged=stay[5],
        died=str(stay[6] or "").startswith("dead"),
        units=tuple((str(unit), begin, end) for unit, begin, end in units),
        events=events,
    )


def _events(connection: sqlite3.Connection, kind: Kind, hadm: int) -> tuple[Event, ...]:
    source = SOURCES[kind]
    cursor = connection.execute(source.query, {"hadm": hadm})
    names = [one[0] for one in cursor.description][1:]
    at = names.index(TIMES[kind]) + 1 if kind in TIMES else 0
    events = [
        Event(
            kind, row[0], dict(zip(names, row[1:], strict=True)), str(row[at] or "") if at else ""
        )
        for row in sorted(cursor, key=lambda row: (str(row[at] or ""), *map(str, row)))
    ]
    return tuple(events)


def stays(connection: sqlite3.Connection) -> list[int]:
    """The stays that have a good deal to write about."""
    query = (
        "select hadm_id from admissions where hadm_id in"
        " (select hadm_id from labevents group by hadm_id having count(*) >= 15)"
        " and hadm_id in (select hadm_id from prescriptions group by hadm_id having count(*) >= 4)"
        " order by hadm_id"
    )
    return [row[0] for row in connection.execute(query)]
