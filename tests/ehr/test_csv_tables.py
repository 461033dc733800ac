"""Tables are found whatever their names' case, streamed, and every fault in them is located."""

from __future__ import annotations

import csv
import gzip
import hashlib
import os
import re
import tempfile
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskkit.ehr.tables.column import MISSING, Column, integer, moment
from taskkit.ehr.tables.csv_tables import TableFolder
from taskkit.errors import SourceError

COLUMNS = (
    Column("subject_id", "integer"),
    Column("charttime", "time", "skip"),
    Column("valuenum", "number", "null"),
    Column("label", "text"),
)
GOOD = 'ROW_ID,Label,SUBJECT_ID,charttime,VALUENUM\n1," Heart Rate ",7,2101-02-03 04:05:06,1.5\n'
ROW = (7, "2101-02-03 04:05:06", 1.5, "heart rate")


def read(folder: Path, columns: tuple[Column, ...] = COLUMNS) -> list[tuple[object, ...]]:
    return list(TableFolder(folder, ["labs"]).rows("labs", columns))


@pytest.mark.parametrize("name", ["labs.csv", "LABS.CSV", "Labs.csv.gz", "hosp/labs.csv.gz"])
def test_a_table_is_found_in_any_case_zipped_or_not(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(gzip.compress(GOOD.encode()) if name.endswith("gz") else GOOD.encode())
    assert read(tmp_path) == [ROW]


def test_a_byte_order_mark_is_no_part_of_the_header(tmp_path: Path) -> None:
    (tmp_path / "labs.csv").write_text("\ufeff" + GOOD.removeprefix("ROW_ID,").replace("1,", ""))
    assert read(tmp_path) == [ROW]


def test_the_file_of_the_exact_name_is_taken_before_a_part(tmp_path: Path) -> None:
    (tmp_path / "labs.csv").write_text(GOOD)
    (tmp_path / "labs.9items.csv").write_text("nothing")
    assert read(tmp_path) == [ROW]


def test_rows_are_skipped_for_what_they_lack_and_what_is_not_wanted(tmp_path: Path) -> None:
    rows = "2,b,8,,1\n3,c,9,2101-01-01,\n4,d,10,2101-01-01,N/A\n5,e, ,2101-01-01,1\n"
    (tmp_path / "labs.csv").write_text(GOOD + rows)
    wanted = (Column("subject_id", "integer", "skip", frozenset({7, 8, 9})), *COLUMNS[1:])
    assert read(tmp_path, wanted) == [ROW, (9, "2101-01-01 00:00:00", None, "c")]


def test_missing_tables_are_all_named_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "labs.csv").write_text(GOOD)
    with pytest.raises(SourceError, match=r"no beds\.csv\[\.gz\], wards\.csv\[\.gz\]: need these"):
        TableFolder(tmp_path, ["labs", "wards", "beds"])


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "labs.csv").write_text(GOOD)
    with pytest.raises(SourceError, match=r"labs\.csv: not a folder: need one with the tables"):
        TableFolder(tmp_path / "labs.csv", ["labs"])


def test_a_missing_column_is_named_with_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "labs.csv").write_text(GOOD.replace("VALUENUM", "VALUE_NUM"))
    with pytest.raises(SourceError, match=r"labs\.csv:1: no column 'valuenum'.*'value_num'"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("2,b,8", r":3: 3 fields: need 5$"),
        ("2,b,8,2101-01-01,1,1", r":3: 6 fields: need 5$"),
        ("2,b,8,2101-02-30,1", r":3: column 'charttime': '2101-02-30': need a date"),
        ("2,b,8,2101-02-03 04:65:06,1", r":3: column 'charttime': .*need a date"),
        ("2,b,8,03/02/2101,1", r":3: column 'charttime': '03/02/2101': need a date"),
        ("2,b,8,2101-02-03,1.2.3", r":3: column 'valuenum': '1\.2\.3': need a number"),
        ("2,b,8,2101-02-03,inf", r":3: column 'valuenum': 'inf': need a number"),
        ("2,b,8.5,2101-02-03,1", r":3: column 'subject_id': '8\.5': need a whole number"),
        ("2,b,,2101-02-03,1", r":3: column 'subject_id': empty: need a value"),
        ("2, ,8,2101-02-03,1", r":3: column 'label': empty: need a value"),
        ('2,"b"c,8,2101-02-03,1', r":3: not CSV"),
        ('2,"b,8,2101-02-03,1', r":\d+: not CSV"),
    ],
)
def test_a_faulty_row_is_located(tmp_path: Path, line: str, message: str) -> None:
    (tmp_path / "labs.csv").write_text(f"{GOOD}{line}\n")
    with pytest.raises(SourceError, match=r"labs\.csv" + message):
        read(tmp_path)


def test_a_faulty_cell_is_located_where_rows_are_chosen_by_it(tmp_path: Path) -> None:
    (tmp_path / "labs.csv").write_text(GOOD + "2,b,x,2101-02-03,1\n")
    with pytest.raises(SourceError, match=r"labs\.csv:3: column 'subject_id': 'x': need a whole"):
        read(tmp_path, (Column("subject_id", "integer", among=frozenset({7})),))


def test_the_line_counts_line_breaks_inside_fields(tmp_path: Path) -> None:
    (tmp_path / "labs.csv").write_text(GOOD.replace("Heart Rate", "Heart\nRate") + "2,b\n")
    with pytest.raises(SourceError, match=r"labs\.csv:4: 2 fields"):
        read(tmp_path)


def many(rows: int) -> bytes:
    lines = (f"{i},l{i},{i},2101-02-03 04:05:06,{i * 7919 % 9973}\n" for i in range(rows))
    return (GOOD + "".join(lines)).encode()


def test_a_truncated_gzip_is_told_with_its_line(tmp_path: Path) -> None:
    packed = gzip.compress(many(5000))
    (tmp_path / "labs.csv.gz").write_bytes(packed[: len(packed) // 2])
    with pytest.raises(SourceError, match=r"labs\.csv\.gz:\d{3,}: the gzip stream ends too early"):
        read(tmp_path)


def test_damaged_and_false_gzip_are_told(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(many(5000)))
    packed[len(packed) // 2] ^= 0xFF
    (tmp_path / "labs.csv.gz").write_bytes(packed)
    with pytest.raises(SourceError, match=r"labs\.csv\.gz:\d+: "):
        read(tmp_path)
    (tmp_path / "labs.csv.gz").write_bytes(GOOD.encode())
    with pytest.raises(SourceError, match=r"labs\.csv\.gz:1: damaged gzip data"):
        read(tmp_path)


def test_text_that_is_not_utf_8_is_told(tmp_path: Path) -> None:
    (tmp_path / "labs.csv").write_bytes(many(20_000) + b"2,\xe9,8,2101-02-03,1\n")
    with pytest.raises(SourceError, match=r"labs\.csv:20003: column 'label': byte 0xe9: need"):
        read(tmp_path)


def test_files_that_cannot_be_opened_are_told(tmp_path: Path) -> None:
    (tmp_path / "labs.csv").mkdir()
    with pytest.raises(
        SourceError, match=r"labs\.csv: Is a directory: need files that can be read"
    ):
        read(tmp_path)
    (tmp_path / "labs.csv").rmdir()
    (tmp_path / "labs.csv").symlink_to(tmp_path / "gone.csv")
    with pytest.raises(SourceError, match=r"labs\.csv: No such file or directory: need files"):
        read(tmp_path)


def test_an_empty_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "labs.csv").write_bytes(b"")
    with pytest.raises(SourceError, match=r"labs\.csv: empty file"):
        read(tmp_path)


def test_progress_ends_at_the_total(tmp_path: Path) -> None:
    (tmp_path / "labs.csv.gz").write_bytes(gzip.compress(many(1000)))
    told: list[tuple[str, int, int | None]] = []
    folder = TableFolder(
        tmp_path, ["labs", "labs"], lambda what, done, total: told.append((what, done, total))
    )
    for _ in range(2):
        assert len(list(folder.rows("labs", COLUMNS))) == 1001
    size = 2 * (tmp_path / "labs.csv.gz").stat().st_size
    assert told[-1] == ("reading labs", size, size)
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)


def test_the_digest_is_of_the_bytes_and_not_of_the_place(tmp_path: Path) -> None:
    digests = []
    for place, data in (("a", GOOD), ("b", GOOD), ("c", GOOD + "\n")):
        (tmp_path / place).mkdir()
        (tmp_path / place / "labs.csv").write_text(data)
        folder = TableFolder(tmp_path / place, ["labs"])
        assert list(folder.rows("labs", COLUMNS)) == [ROW]
        digests.append(folder.digest())
    assert digests[0] == digests[1] != digests[2]


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    (tmp_path / "labs.csv.gz").write_bytes(gzip.compress(many(100_000)))
    folder = TableFolder(tmp_path, ["labs"])
    tracemalloc.start()
    try:
        assert sum(1 for _ in folder.rows("labs", COLUMNS)) == 100_001
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)


@given(st.lists(TEXTS, min_size=1))
def test_any_text_that_csv_can_hold_is_read_back(cells: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        with (Path(folder) / "labs.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, quoting=csv.QUOTE_ALL)
            writer.writerows([["label"], *([cell] for cell in cells)])
        read_back = read(Path(folder), (Column("label", "text", "null"),))
    assert read_back == [
        (None if cell.strip() in MISSING else cell.strip().lower() or None,) for cell in cells
    ]


@given(st.datetimes())
def test_every_time_is_read_as_written(when: object) -> None:
    written = str(when)[:19]
    assert moment(written) == written
    assert moment(written.replace(" ", "T")) == written


@given(st.integers(-(2**63), 2**63 - 1))
def test_every_whole_number_is_read_as_written(number: int) -> None:
    assert integer(str(number)) == number
    assert integer(f"{number % 2**50}.0") == number % 2**50


def refused(folder: Path, says: str) -> None:
    with pytest.raises(SourceError, match=says):
        read(folder)


def test_a_number_beyond_64_bits_is_told() -> None:
    with pytest.raises(ValueError, match=r"^'18446744073709551621': need a whole number of 64"):
        integer(str(2**64 + 5))


@pytest.mark.parametrize(
    "written",
    [
        "2101-02-03 04:05:06.000", "2101-02-03 04:05:06 UTC", "2101-02-03T04:05:06+00:00",
        "2101-02-03T04:05:06Z", "2101-02-03 04:05:06.000000+00:00", "2101-02-03 04:05:06+00",
    ],
)  # fmt: skip
def test_times_as_other_tools_write_them_are_read(written: str) -> None:
    assert moment(written) == "2101-02-03 04:05:06"


@pytest.mark.parametrize(
    "written",
    [
        "2101-02-03 04:05:06.5", "2101-02-03 04:05:06+02:00", "1e9", "2101-02-03 04:05+02",
        "2101-W03-2", "2101-02-03 040506.5", "03/02/2101 04:05:06",
    ],
)  # fmt: skip
def test_times_that_would_lose_something_are_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"in whole seconds and without a zone but UTC$"):
        moment(written)


def test_a_time_without_seconds_is_of_the_whole_minute() -> None:
    assert moment("2101-02-03 04:05") == "2101-02-03 04:05:00"


@pytest.mark.parametrize("marker", ["NA", "None", "nan", "<NA>", r"\N", "null", "NaT", "#N/A"])
def test_markers_of_other_tools_are_missing_values(marker: str) -> None:
    assert Column("label", "text", "null").read(marker) is None


def test_a_table_in_several_files_is_told(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"labs.{number}.csv").write_text(GOOD)
    refused(
        tmp_path, r"table labs stands in 3 files: labs\.0\.csv, labs\.1\.csv, labs\.2\.csv: need"
    )
    for path in tmp_path.iterdir():
        path.unlink()
    (tmp_path / "labs.csv").write_text(GOOD)
    (tmp_path / "labs.csv.gz").write_bytes(gzip.compress(GOOD.encode()))
    refused(tmp_path, r"table labs stands in 2 files: labs\.csv, labs\.csv\.gz: need one, whole")


@pytest.mark.parametrize(
    "name",
    ["labs.1.csv", "labs_2.csv", "LABS-000000000001.csv.gz", "labs.csv.part2", "labs.csv.002",
     "labs (1).csv", "labs.part-2-of-3.csv"],
)  # fmt: skip
def test_a_numbered_part_is_told_alone_and_beside_a_table(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(GOOD)
    refused(tmp_path, rf"table labs stands in parts, such as {re.escape(name)}: need one, whole")
    (tmp_path / "labs.csv").write_text(GOOD)
    refused(tmp_path, r"table labs stands in 2 files: labs\.csv, ")


@pytest.mark.parametrize("written", ["1_000", "\u0663", "1,5", "0x10", "inf"])
def test_a_number_that_python_alone_would_read_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="need a number"):
        Column("valuenum", "number").read(written)


def test_a_file_cut_in_its_last_field_is_told(tmp_path: Path) -> None:
    whole = many(5)
    (tmp_path / "labs.csv").write_bytes(whole)
    assert len(read(tmp_path)) >= 5
    (tmp_path / "labs.csv").write_bytes(whole[:-2])
    refused(tmp_path, r"labs\.csv: ends in the middle of a line")


def test_a_sum_beside_the_tables_is_held_to(tmp_path: Path) -> None:
    (tmp_path / "labs.csv").write_bytes(many(5))
    right = hashlib.sha256(many(5)).hexdigest()
    (tmp_path / "SHA256SUMS.txt").write_text(f"{right} labs.csv\n")
    assert read(tmp_path)
    (tmp_path / "SHA256SUMS.txt").write_text(f"{'0' * 64} labs.csv\n")
    refused(
        tmp_path, r"labs\.csv: its SHA-256 is .*\.\.\., SHA256SUMS\.txt beside it has 000000000000"
    )


def test_another_delimiter_encoding_or_header_is_named(tmp_path: Path) -> None:
    path = tmp_path / "labs.csv"
    path.write_text(GOOD.replace(",", ";"))
    refused(tmp_path, r"labs\.csv:1: fields parted by ';': need commas")
    path.write_bytes(GOOD.encode("utf-16"))
    refused(tmp_path, r"labs\.csv:1: text in UTF-16: need UTF-8")
    head, *rows = GOOD.splitlines()
    twice = [f"{head},VALUENUM", *(f"{row},1" for row in rows)]
    path.write_text("\n".join(twice) + "\n")
    refused(tmp_path, r"labs\.csv:1: column '\w+' stands twice: need once")


def test_gzip_under_a_plain_name_is_read(tmp_path: Path) -> None:
    (tmp_path / "labs.csv").write_bytes(many(5))
    plain = read(tmp_path)
    (tmp_path / "labs.csv").write_bytes(gzip.compress(many(5)))
    assert read(tmp_path) == plain


def test_a_pipe_in_the_place_of_a_table_is_told(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "labs.csv")
    refused(tmp_path, r"labs\.csv: no regular file: need one that can be read to its end")


def test_tables_further_down_are_pointed_at(tmp_path: Path) -> None:
    below = tmp_path / "physionet.org" / "files" / "mimiciii" / "1.4"
    below.mkdir(parents=True)
    (below / "labs.csv").write_text(GOOD)
    refused(tmp_path, r"no tables, but .*1\.4 has some: give that folder")
