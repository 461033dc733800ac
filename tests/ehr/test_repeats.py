"""Rows that stand in a table twice are found, in small tables and in large ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from taskkit.ehr.tables.column import Column
from taskkit.ehr.tables.csv_tables import TableFolder
from taskkit.ehr.tables.repeats import HELD
from taskkit.errors import SourceError

VALUE = (Column("value", "integer"),)


def read(folder: Path, header: str, lines: list[str]) -> int:
    (folder / "labs.csv").write_text("\n".join([header, *lines]) + "\n")
    return sum(1 for _ in TableFolder(folder, ["labs"]).rows("labs", VALUE))


def test_a_row_with_a_key_that_stands_twice_is_told_with_both_lines(tmp_path: Path) -> None:
    lines = [f"{n},{n}" for n in range(20)]
    with pytest.raises(SourceError, match=r"labs\.csv:23: the same row as line 5: need each once$"):
        read(tmp_path, "ROW_ID,value", [*lines, "20,6", lines[3]])


def test_a_table_without_keys_may_repeat_a_few_rows(tmp_path: Path) -> None:
    lines = [f"{n},5" for n in range(200)]
    assert read(tmp_path, "subject_id,value", [*lines, *lines[:5]]) == 205


def test_a_table_that_stands_twice_in_its_file_is_told(tmp_path: Path) -> None:
    lines = [f"{n},5" for n in range(200)]
    with pytest.raises(SourceError, match=r"labs\.csv: many of its rows stand twice"):
        read(tmp_path, "subject_id,value", [*lines, *lines])


def test_a_large_table_that_stands_twice_is_told(tmp_path: Path) -> None:
    lines = [f"{n},{n}" for n in range(5 * HELD)]
    assert read(tmp_path, "row_id,value", lines) == 5 * HELD
    first = HELD * 5 + 2 + 7  # the first row of the copy whose value ends in 7
    with pytest.raises(SourceError, match=rf"labs\.csv:{first}: the same row as line 9: need"):
        read(tmp_path, "row_id,value", lines * 2)


@pytest.mark.parametrize("size", [200, 5 * HELD])
def test_a_table_that_stands_twice_under_new_keys_is_told(tmp_path: Path, size: int) -> None:
    again = [f"{size + n},{n}" for n in range(size)]
    with pytest.raises(SourceError, match=r"labs\.csv: many of its rows stand twice"):
        read(tmp_path, "row_id,value", [*(f"{n},{n}" for n in range(size)), *again])


def test_a_table_with_keys_may_repeat_what_releases_do(tmp_path: Path) -> None:
    lines = [f"{n},{n % 900}" for n in range(1000)]
    assert read(tmp_path, "row_id,value", lines) == 1000
