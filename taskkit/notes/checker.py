"""The second check of a note's statements: read from the text, looked up in the database by SQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from taskkit.notes.lexicon import UNITS as KNOWN_UNITS
from taskkit.notes.lexicon import Lexicon
from taskkit.notes.note import Note
from taskkit.notes.reader import HEADER, MARK, WRITTEN_ON, Claim, Reader, written
from taskkit.notes.times import Clock

Row = tuple[int, str, object]
"""Statement, column, and what the record holds."""
UNIT_STAYS = "icustay_id in (select icustay_id from icustays where hadm_id = :hadm)"
TABLES = {
    "lab": (
        "label",
        "labevents natural join (select itemid, label from d_labitems)",
        "hadm_id = :hadm and valuenum is not null and charttime is not null",
    ),
    "vital": (
        "label",
        "chartevents natural join (select itemid, label from d_items)",
        f"{UNIT_STAYS} and valuenum is not null",
    ),
    "drug": ("drug", "prescriptions", "hadm_id = :hadm"),
    "organism": (
        "org_name",
        "microbiologyevents",
        "hadm_id = :hadm and spec_type_desc is not null",
    ),
    "intake": (
        "label",
        "inputevents_cv natural join (select itemid, label from d_items)",
        f"{UNIT_STAYS} and amount > 0",
    ),
    "output": (
        "label",
        "outputevents natural join (select itemid, label from d_items)",
        f"{UNIT_STAYS} and value > 0",
    ),
    "diagnosis": (
        "long_title",
        "diagnoses_icd natural join (select icd9_code, long_title from d_icd_diagnoses)",
        "hadm_id = :hadm",
    ),
    "procedure": (
        "long_title",
        "procedures_icd natural join (select icd9_code, long_title from d_icd_procedures)",
        "hadm_id = :hadm",
    ),
}
UNITS = ("valueuom", "dose_unit_rx")
NUMBERS = ("valuenum", "amount", "value")
TRENDED = ("lab", "vital")


def recheck(note: Note, lexicon: Lexicon, connection: sqlite3.Connection) -> list[str]:
    """Give every statement on which the two checks of a note differ, in words.

    Only the note's text and the database are looked at to get the second opinion.
    """
    try:
        second = sorted(second_opinion(note.text, lexicon, connection), key=_key)
    except (ValueError, AssertionError) as error:
        return [f"cannot be read: {error}"]
    first = sorted(
        (
            (one.number, finding.column, finding.recorded)
            for one in note.told
            for finding in one.findings
        ),
        key=_key,
    )
    marks = sorted(int(one) for one in MARK.findall(note.text))
    if marks != [one.number for one in note.told]:
        return ["the numbers in the text are not those of the statements"]
    return [
        f"statement {row[0]}, {row[1]}: {row[2]!r} by {who}"
        for who, rows, others in (("construction", first, second), ("reading", second, first))
        for row in rows
        if row not in others
    ]


def second_opinion(text: str, lexicon: Lexicon, connection: sqlite3.Connection) -> Iterator[Row]:
    """Find a note's disagreements with the database.

    Raises:
        ValueError: a statement cannot be read, or means several things.
    """
    header = HEADER.search(text)
    if header is None:
        raise ValueError("the note names no admission")
    hadm = int(header[1])
    admitted, discharged = connection.execute(
        "select admittime, dischtime from admissions where hadm_id = ?", (hadm,)
    ).fetchone()
    (unit,) = connection.execute(
        "select min(intime) from icustays where hadm_id = ?", (hadm,)
    ).fetchone()
    today = WRITTEN_ON.search(text)
    clock = Clock(admitted, discharged, unit, today[1] if today else None)
    for claim in _reader(lexicon, connection).read(text, clock):
        if len(claim.items) != 1 or claim.kind not in TABLES:
            raise ValueError(f"statement {claim.number} may be about {claim.items or 'anything'}")
        yield from _compared(connection, hadm, claim)


_readers: dict[int, tuple[Lexicon, sqlite3.Connection, Reader]] = {}


def _reader(lexicon: Lexicon, connection: sqlite3.Connection) -> Reader:
    """The reader for a database; the last one is kept, since its patterns take long to make."""
    kept = _readers.get(0)
    if kept is None or kept[0] is not lexicon or kept[1] is not connection:
        others = {
            kind: [row[0] for row in connection.execute(f"select distinct {name} from {table}")]
            for kind, name, table in (
                ("drug", "drug", "prescriptions"),
                ("diagnosis", "long_title", "d_icd_diagnoses"),
                ("procedure", "long_title", "d_icd_procedures"),
            )
        }
        _readers[0] = kept = (lexicon, connection, Reader(lexicon, others))
    return kept[2]


def _compared(connection: sqlite3.Connection, hadm: int, claim: Claim) -> Iterator[Row]:
    """Look for the rows that differ least, by a query that counts the differences."""
    naming, table, where = TABLES[claim.kind]
    values: dict[str, object] = {"hadm": hadm, "item": claim.items[0]}
    about = f"from {table} where {where} and {naming} = :item"
    if claim.trend is not None:
        if claim.kind not in TRENDED:
            raise ValueError(f"statement {claim.number}: a trend of {claim.items[0]!r}")
        yield from _trended(connection, claim, about, values)
        return
    tests = [*_tests(claim, values)]
    names = [name for name, _ in tests]
    chosen = ", ".join([*(test for _, test in tests), *names]) or "1"
    rows = connection.execute(f"select {chosen} {about}", values).fetchall()
    if not rows:
        yield claim.number, naming, None
        return
    wrong = [
        tuple(name for name, fits in zip(names, row, strict=False) if not fits) for row in rows
    ]
    least = min(map(len, wrong))
    nearest = {one for one in wrong if len(one) == least}
    if len(nearest) > 1:
        raise ValueError(f"statement {claim.number}: several columns may be wrong")
    for name in nearest.pop():
        at = len(names) + names.index(name)
        held = {row[at] for row, one in zip(rows, wrong, strict=True) if len(one) == least}
        yield claim.number, name, held.pop() if len(held) == 1 else None


def _tests(claim: Claim, values: dict[str, object]) -> Iterator[tuple[str, str]]:
    """Give a condition for every column that a statement states."""
    for name, cell in claim.cells.items():
        if name in UNITS:
            forms = [one for one in KNOWN_UNITS if cell in written(one)] or [cell]
            listed = ", ".join(f"'{one}'" for one in forms)
            yield name, f"coalesce(lower({name}) in ({listed}), 0)"
        elif name in NUMBERS:
            values[name] = float(cell)
            yield name, f"coalesce({name} = :{name}, 0)"
        elif name == "dose_val_rx":
            values[name] = cell
            yield name, f"{name} = :{name}"
        else:
            values[name] = cell
            yield name, f"instr('|' || :{name} || '|', '|' || {name} || '|') > 0"
    for name, (start, end) in claim.spans.items():
        values |= {f"{name}_from": start, f"{name}_to": end}
        yield name, f"coalesce({name} between :{name}_from and :{name}_to, 0)"


def _trended(
    connection: sqlite3.Connection, claim: Claim, about: str, values: dict[str, object]
) -> Iterator[Row]:
    """Compare the first value of the first day with the last of the second."""
    assert claim.trend_spans is not None
    ends = []
    for (start, end), order in zip(claim.trend_spans, ("", " desc"), strict=True):
        query = (
            f"select valuenum {about} and charttime between :start and :end"
            f" order by charttime{order} limit 1"
        )
        row = connection.execute(query, values | {"start": start, "end": end}).fetchone()
        ends.append(row)
    if connection.execute(f"select 1 {about} limit 1", values).fetchone() is None:
        yield claim.number, "label", None
    elif ends[0] is None or ends[1] is None:
        raise ValueError(f"statement {claim.number}: no values on those days")
    else:
        actual = "rise" if ends[1][0] > ends[0][0] else "fall"
        if actual != claim.trend:
            yield claim.number, "trend", actual


def _key(row: Row) -> tuple[int, str, str]:
    return row[0], row[1], str(row[2])
