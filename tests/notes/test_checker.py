"""Two checks of every statement: by construction, and by reading the text."""

from __future__ import annotations

import sqlite3
from collections import Counter
from dataclasses import replace

from taskkit.notes.checker import recheck
from taskkit.notes.note import Library, Note
from taskkit.notes.statement import Finding


def test_both_checks_agree_on_every_statement(
    notes: list[Note], library: Library, connection: sqlite3.Connection
) -> None:
    differing = {
        note.title: found for note in notes if (found := recheck(note, library.lexicon, connection))
    }
    assert sum(len(note.told) for note in notes) > 1500
    assert differing == {}


def test_a_wrong_label_is_found(
    notes: list[Note], library: Library, connection: sqlite3.Connection
) -> None:
    note = notes[0]
    first = replace(note.told[0], findings=(Finding("valuenum", 77.0),))
    wrong = replace(note, told=(first, *note.told[1:]))
    assert recheck(wrong, library.lexicon, connection) == [
        f"statement {first.number}, valuenum: 77.0 by construction"
    ]


def test_another_value_in_the_text_is_found(
    notes: list[Note], library: Library, connection: sqlite3.Connection
) -> None:
    for note in notes:
        for told in note.told:
            value = told.statement.stated.get("valuenum")
            if not isinstance(value, float) or told.findings:
                continue
            written = f"{value:g} [{told.number}]"
            if written in note.text:
                text = note.text.replace(written, f"987654 [{told.number}]")
                found = recheck(replace(note, text=text), library.lexicon, connection)
                assert [one.partition(":")[0] for one in found] == [
                    f"statement {told.number}, valuenum"
                ]
                return
    raise AssertionError("no statement of a bare value")


def test_a_statement_that_cannot_be_read_is_named(
    notes: list[Note], library: Library, connection: sqlite3.Connection
) -> None:
    note = next(one for one in notes if one.form == "physician")
    told = next(one for one in note.told if one.statement.kind == "drug")
    name = told.statement.verbatim
    said = name if name in note.text else name[:1].upper() + name[1:]
    found = recheck(
        replace(note, text=note.text.replace(said, "something")), library.lexicon, connection
    )
    assert found == [f"cannot be read: statement {told.number} may be about anything"]


def test_faults_of_every_kind_are_planted_in_every_kind_of_note(notes: list[Note]) -> None:
    faults = Counter(one.statement.fault for note in notes for one in note.told)
    assert {"value", "time", "absent", "unit", "two", "trend"} <= set(faults)
    for form in ("discharge", "physician", "nursing"):
        told = [one for note in notes if note.form == form for one in note.told]
        share = sum(bool(one.findings) for one in told) / len(told)
        assert 0.1 < share < 0.23


def test_no_kind_of_statement_is_wrong_much_more_often(notes: list[Note]) -> None:
    told = [one for note in notes for one in note.told]
    for kind in ("lab", "drug", "vital"):
        own = [bool(one.findings) for one in told if one.statement.kind == kind]
        assert 0.1 < sum(own) / len(own) < 0.22


def test_a_planted_fault_is_what_its_kind_says(notes: list[Note]) -> None:
    columns = {
        "value": {"valuenum", "dose_val_rx", "amount", "value", "spec_type_desc"},
        "unit": {"valueuom", "dose_unit_rx"},
        "time": {"charttime", "startdate"},
        "absent": {"drug", "org_name", "long_title"},
        "trend": {"trend"},
    }
    for note in notes:
        for one in note.told:
            fault, found = one.statement.fault, {finding.column for finding in one.findings}
            if fault is None:
                assert not found
            elif fault == "two":
                assert len(found) == 2
            else:
                assert len(found) == 1
                assert found <= columns[fault]
