"""Print the figures of generated notes: `python tests/bench/notes.py [--notes N] [--write FILE]`.

Counts by kind and register, agreement of both checks, vocabulary, the blind classifier, and time.
With `--write` ten notes go into a document for a clinician, with their faults listed at its end:

    python tests/bench/notes.py --notes 30 --write docs/notes-sample.md
"""

from __future__ import annotations

import argparse
import re
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from taskkit.build.domain import shipped
from taskkit.builders.mimic import MimicBuilder
from taskkit.notes.checker import recheck
from taskkit.notes.note import Library, Note, write_note
from taskkit.notes.outline import Form
from taskkit.notes.pools import read_pools
from taskkit.notes.record import read_record, stays
from tests.notes.test_blind import area

INTRODUCTION = """# Ten notes for a clinician to judge

These notes were written by `taskkit build ehrcon` over its embedded synthetic hospital; no patient
stands behind them. A number in brackets marks a statement that is checked against the database;
the rest is there to be read. About a sixth of the statements was made wrong on purpose: the list
at the end says which.

Please give each note a mark from 1 (no) to 5 (yes) for each question:

1. Could it have been written in a hospital, by the profession that its title names?
2. Is it about one patient: do age, sex, history, course and drugs go together?
3. Do values, units, doses and times look as they are written in practice?
4. Can a wrong statement be told without a look at the database? (1 is what we want.)

Print them anew: `python tests/bench/notes.py --notes 30 --write docs/notes-sample.md`."""
FORMS: tuple[Form, ...] = ("discharge", "physician", "nursing")
PATIENTS = 1000
SHOWN = 10


def written(connection: sqlite3.Connection, library: Library) -> Iterator[Note]:
    """Notes of one form after the other, about one stay after the other."""
    pools = read_pools(connection, library.lexicon)
    for number, hadm in enumerate(stays(connection)):
        record = read_record(connection, hadm)
        form = FORMS[number % len(FORMS)]
        note = write_note(record, library, pools, form, f"bench {form} {hadm}")
        if note is not None:
            yield note


def figures(notes: list[Note]) -> Iterator[str]:
    """Describe notes in lines."""
    told = [one for note in notes for one in note.told]
    lengths = sorted(len(note.text.split()) for note in notes)
    yield f"{len(notes)} notes: {dict(Counter(note.form for note in notes))}"
    yield f"words: {lengths[0]} to {lengths[-1]}, median {lengths[len(lengths) // 2]}"
    yield f"{len(told)} statements: {dict(Counter(one.statement.kind for one in told))}"
    yield f"faults: {dict(Counter(str(one.statement.fault) for one in told))}"
    for form in FORMS:
        own = [one for note in notes if note.form == form for one in note.told]
        counts = Counter(one.statement.kind for one in own)
        times = Counter(one.statement.when.style if one.statement.when else "none" for one in own)
        wrong = sum(bool(one.findings) for one in own)
        yield f"{form}: {len(own)} statements, {wrong} wrong, {dict(counts)}, times {dict(times)}"
    tokens = [re.findall(r"\w+(?:[./:-]\w+)*", note.text.lower()) for note in notes]
    triples = [tuple(own[at : at + 3]) for own in tokens for at in range(len(own) - 2)]
    plain = [[word for word in own if word.isalpha()] for own in tokens]
    worded = [tuple(own[at : at + 3]) for own in plain for at in range(len(own) - 2)]
    yield f"vocabulary {len({word for own in plain for word in own})}"
    yield f"distinct trigrams {len(set(triples)) / len(triples):.3f}"
    yield f"distinct trigrams of alphabetic words {len(set(worded)) / len(worded):.3f}"
    yield f"blind classifier: area under the curve {area(notes):.3f}"


def document(notes: list[Note]) -> str:
    """Put notes into one document, with what is wrong in them at its end."""
    parts = [INTRODUCTION]
    parts += [f"## Note {n}\n\n```text\n{note.text}```" for n, note in enumerate(notes, 1)]
    key = ["## What is wrong", ""]
    for number, note in enumerate(notes, 1):
        for one in note.told:
            key += [
                f"- note {number} [{one.number}] {one.statement.item}: {found.column}, recorded "
                f"{found.recorded}"
                for found in one.findings
            ]
    return "\n\n".join([*parts, "\n".join(key)]) + "\n"


def main() -> None:
    """Write notes, check them, and print what they are like."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--notes", type=int, default=500)
    parser.add_argument("--write", type=Path)
    chosen = parser.parse_args()
    library = Library.load(shipped() / "ehrcon")
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "mimic_iii.sqlite"
        MimicBuilder().populate(shipped() / "mimic", path, patients=PATIENTS, seed=0)
        with closing(sqlite3.connect(path)) as connection:
            begun, notes = time.perf_counter(), []
            for note in written(connection, library):
                notes.append(note)
                if len(notes) == chosen.notes:
                    break
            wrote = time.perf_counter()
            differing = sum(bool(recheck(one, library.lexicon, connection)) for one in notes)
            checked = time.perf_counter()
    lines = [*figures(notes), f"notes on which the checks differ: {differing}"]
    lines.append(f"written in {wrote - begun:.1f} s, checked in {checked - wrote:.1f} s")
    sys.stdout.write("\n".join(lines) + "\n")
    if chosen.write is not None:
        chosen.write.write_text(document(notes[:SHOWN]), "utf-8")


if __name__ == "__main__":
    main()
