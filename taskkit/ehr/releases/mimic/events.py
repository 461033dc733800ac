"""How the events of MIMIC-III and MIMIC-IV are read; the two differ in names only."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence

from taskkit.ehr.tables.column import Cell, Column, Listed
from taskkit.ehr.tables.csv_tables import TableFolder
from taskkit.ehr.tables.recorder import EventTable
from taskkit.ehr.tables.shift import Shift
from taskkit.ehr.tables.spool import Row

ML = frozenset({"ml"})  # the one unit of volumes that are asked about
ZEROS = re.compile(r"(?<=\d)\.0+$", re.ASCII)  # as programs write whole numbers among others


def identifiers(folder: TableFolder, taken: Collection[Cell]) -> tuple[Column, Column]:
    """Give the columns of the patient and of the stay, one of those taken."""
    known = Listed(folder.owners, "admissions", dictionary=False)
    return (
        Column("subject_id", "integer"),
        Column("hadm_id", "integer", "skip", among=taken, listed=known),
    )


def labs(
    folder: TableFolder, ids: Sequence[Column], items: Collection[Cell], known: Collection[Cell]
) -> Iterator[Row]:
    """Give laboratory values that are numbers with a unit.

    Args:
        folder: Where they are.
        ids: The patient and the admission.
        items: Those wanted.
        known: All that the dictionary has.
    """
    return folder.rows(
        "labevents",
        (
            *ids,
            Column("charttime", "time", "skip"),
            Column("itemid", "integer", among=items, listed=Listed(known, "d_labitems")),
            Column("valuenum", "number", "skip"),
            Column("valueuom", "text", "skip", blank="null"),
        ),
    )


def vitals(folder: TableFolder, icu: Sequence[Column], items: Collection[Cell]) -> Iterator[Row]:
    """Give charted values of the few items wanted; the table has a hundred times as many."""
    return folder.rows(
        "chartevents",
        (
            *icu,
            Column("itemid", "integer", among=items),
            Column("valuenum", "number", "skip"),
            Column("valueuom", "text", "skip", blank="null"),
        ),
    )


def volumes(
    folder: TableFolder,
    table: EventTable,
    icu: Sequence[Column],
    items: Collection[Cell],
    amount: str,
    unit: str,
) -> Iterator[Row]:
    """Give what went in or came out in millilitres, without the unit if the table has none."""
    columns = (
        *icu,
        Column("itemid", "integer", among=items),
        Column(amount, "number", "skip"),
        Column(unit, "text", "skip", among=ML),
    )
    width = len(table.own) + len(table.values)
    for row in folder.rows(table.name, columns):
        yield row[:width]


def cultures(folder: TableFolder, ids: Sequence[Column], values: Sequence[str]) -> Iterator[Row]:
    """Give microbiology; where the time is not known, at the start of the day."""
    columns = (
        *ids,
        Column("charttime", "time", "null"),
        Column("chartdate", "time", "null"),
        *(Column(name, "text", "null") for name in values),
    )
    for subject, hadm, time, day, *found in folder.rows("microbiologyevents", columns):
        yield subject, hadm, time or day, *found


def prescriptions(
    folder: TableFolder,
    ids: Sequence[Column],
    table: EventTable,
    *,
    one_unit: bool,
    unwanted: Collection[Cell] = (),
) -> Iterator[Row]:
    """Give prescriptions with a whole number as dose, and all that is said of them.

    Args:
        folder: Where they are; read twice where `one_unit` is asked for.
        ids: The patient and the admission.
        table: The table to be written.
        one_unit: Keep each drug's most frequent unit only, counted over the whole release.
        unwanted: Names of drugs to leave out.
    """
    said = (*table.own[2:], *table.values)
    units = _drug_units(folder, said) if one_unit else {}
    columns = (Column(name, "time" if name in table.own else "text", "skip") for name in said)
    odd = 0
    for subject, hadm, start, end, drug, raw, unit, route in folder.rows(
        "prescriptions", (*ids, *columns)
    ):
        dose = whole_dose(raw)
        odd += dose is None
        if dose is None or drug in unwanted or (one_unit and units[drug] != unit):
            continue
        yield subject, hadm, start, end, drug, dose, unit, route
    if odd:
        folder.notes.append(f"prescriptions: {odd:,} rows whose dose is no whole number")


def _drug_units(folder: TableFolder, said: Sequence[str]) -> dict[Cell, Cell]:
    counts: dict[Cell, Counter[Cell]] = {}
    columns = tuple(Column(name, "text", "skip") for name in said)
    for _, _, drug, dose, unit, _ in folder.rows("prescriptions", columns):
        if whole_dose(dose) is not None:
            counts.setdefault(drug, Counter())[unit] += 1
    return {drug: units.most_common(1)[0][0] for drug, units in counts.items()}


def whole_dose(raw: Cell) -> str | None:
    """Give a dose that is a whole number, without the commas in it; none for any other."""
    dose = ZEROS.sub("", str(raw)).replace(",", "")
    return str(int(dose)) if dose.isascii() and dose.isdigit() else None


def moved(rows: Iterable[Row], shift: Shift) -> Iterator[Row]:
    """Move the last two columns, of coming and going; leave out what has not begun."""
    for patient, *said, start, end in rows:
        assert isinstance(patient, int)
        assert isinstance(start, str)
        begun = shift(patient, start)
        if begun is not None:
            yield patient, *said, begun, shift(patient, None if end is None else str(end))


def first_of_each(rows: Iterable[Row], position: int = 0) -> list[Row]:
    """Keep the first row with each value of a column."""
    first: dict[Cell, Row] = {}
    for row in rows:
        first.setdefault(row[position], row)
    return list(first.values())
