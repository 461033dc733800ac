"""Rows wait on disk and come back; their values change places and nothing is lost."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskkit.ehr.tables import spool as spooling
from taskkit.ehr.tables.spool import Row, Spool
from taskkit.errors import MissingError

CELLS = st.one_of(st.none(), st.integers(0, 3), st.floats(allow_nan=False), st.text(max_size=3))
ROWS = st.lists(st.tuples(st.tuples(st.integers(), CELLS), st.tuples(CELLS, CELLS)))


@given(ROWS)
def test_rows_come_back_in_order(rows: list[tuple[Row, Row]]) -> None:
    with TemporaryDirectory() as folder, Spool(Path(folder)) as spool:
        for own, values in rows:
            spool.add(own, values)
        assert list(spool) == rows


@given(ROWS, st.integers())
def test_shuffling_moves_values_only(rows: list[tuple[Row, Row]], seed: int) -> None:
    with TemporaryDirectory() as folder, Spool(Path(folder)) as spool:
        for own, values in rows:
            spool.add(own, values)
        spool.shuffle(Random(seed))
        shuffled = list(spool)
    assert [own for own, _ in shuffled] == [own for own, _ in rows]
    assert Counter(values for _, values in shuffled) == Counter(values for _, values in rows)


def test_many_rows_wait_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spooling, "CHUNK", 10)
    rows: list[tuple[Row, Row]] = [((i, f"t{i}"), (i % 7, "mg")) for i in range(95)]
    with Spool(tmp_path) as spool:
        for own, values in rows:
            spool.add(own, values)
        assert list(spool) == rows
        assert sorted(spool.distinct()) == [(i, "mg") for i in range(7)]
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool, Path("/dev/full").open("wb", buffering=0) as full:
        spool._file = full
        spool.add((1,), (2,))
        with pytest.raises(MissingError, match=r"cannot keep rows here: No space left on device"):
            list(spool)
