"""A small hospital, and notes over it, written once for all tests."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from taskkit.build.domain import shipped
from taskkit.builders.mimic import MimicBuilder
from taskkit.notes.note import Library, Note, write_note
from taskkit.notes.outline import Form
from taskkit.notes.pools import Pools, read_pools
from taskkit.notes.record import read_record, stays

FORMS: tuple[Form, ...] = ("discharge", "physician", "nursing")
STAYS = 60


@pytest.fixture(scope="session")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hospital") / "mimic_iii.sqlite"
    MimicBuilder().populate(shipped() / "mimic", path, patients=60, seed=3)
    return path


@pytest.fixture(scope="session")
def connection(hospital: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{hospital}?mode=ro", uri=True)) as opened:
        yield opened


@pytest.fixture(scope="session")
def library() -> Library:
    return Library.load(shipped() / "ehrcon")


@pytest.fixture(scope="session")
def pools(connection: sqlite3.Connection, library: Library) -> Pools:
    return read_pools(connection, library.lexicon)


@pytest.fixture(scope="session")
def notes(connection: sqlite3.Connection, library: Library, pools: Pools) -> list[Note]:
    found = []
    for hadm in stays(connection)[:STAYS]:
        record = read_record(connection, hadm)
        for form in FORMS:
            note = write_note(record, library, pools, form, f"test {form} {hadm}")
            if note is not None:
                found.append(note)
    return found
