"""MedCalc-Bench's files are read row by row, and every fault in them is located."""

from __future__ import annotations

import csv
import os
import re
from pathlib import Path

import pytest

from taskkit.build.labels import Labels
from taskkit.build.rejection import Rejection
from taskkit.calculation.calculators.medcalc.audit import audit
from taskkit.calculation.published import MAX_ENTITIES, NEEDED, MedcalcRow, read_medcalc
from taskkit.errors import SourceError
from taskkit.notes.calculation.published import labelled

ROW = {
    "Row Number": "1",
    "Calculator ID": "6",
    "Note ID": "ours-1",
    "Note Type": "Synthetic",
    "Patient Note": 'He weighs 80 kg.\nHe is 2 m tall, "like his father".',
    "Question": "What is the body mass index?",
    "Relevant Entities": "{'weight': [80.0, 'kg'], 'height': [2.0, 'm']}",
    "Ground Truth Answer": "20.0",
    "Lower Limit": "19",
    "Upper Limit": "21",
}


def rows(path: Path) -> list[MedcalcRow]:
    """The records of files of which every record can be read."""
    found = list(read_medcalc(path))
    assert not [one for one in found if isinstance(one, Rejection)]
    return [one for one in found if isinstance(one, MedcalcRow)]


def write(path: Path, *rows: dict[str, str], header: tuple[str, ...] = NEEDED) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows([row[name] for name in header] for row in rows)
    return path


def test_a_row_is_read_and_its_label_agrees(tmp_path: Path) -> None:
    (row,) = rows(write(tmp_path / "a.csv", ROW))
    assert (row.calculator, row.note) == (6, ROW["Patient Note"])
    assert row.entities == {"weight": [80.0, "kg"], "height": [2.0, "m"]}
    assert audit(row.calculator, row.entities, row.label).status == "agrees"


def test_columns_may_be_in_any_order_and_more(tmp_path: Path) -> None:
    header = ("Category", *reversed(NEEDED))
    (row,) = rows(write(tmp_path / "a.csv", {**ROW, "Category": "lab"}, header=header))
    assert row.question == ROW["Question"]


def test_a_folder_is_read_by_name(tmp_path: Path) -> None:
    write(tmp_path / "b.csv", {**ROW, "Row Number": "2"})
    write(tmp_path / "a.csv", ROW)
    assert [row.number for row in rows(tmp_path)] == ["1", "2"]


def test_a_byte_order_mark_is_no_part_of_the_header(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", ROW)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(list(read_medcalc(path))) == 1


@pytest.mark.parametrize(
    ("column", "cell", "message"),
    [
        ("Relevant Entities", "{'weight': [80", r"a\.csv:3: Relevant Entities .*SyntaxError"),
        ("Relevant Entities", "__import__('os').getcwd()", r"a\.csv:3: .*ValueError: need a Pyth"),
        ("Relevant Entities", "[1, 2]", r"a\.csv:3: .*need a mapping from names"),
        ("Relevant Entities", "{1: 2}", r"a\.csv:3: .*need a mapping from names"),
        ("Relevant Entities", "(" * 5000, r"a\.csv:3: .*need a Python literal"),
        ("Relevant Entities", "-" * 50_000 + "1", r"a\.csv:3: .*need a Python literal"),
        ("Relevant Entities", "9" * 6000, r"a\.csv:3: .*need a Python literal"),
        ("Relevant Entities", "{}" + " " * MAX_ENTITIES, r"100,002 characters, need at most 100"),
        ("Calculator ID", "six", r"a\.csv:3: Calculator ID 'six': need a number"),
        ("Calculator ID", "9" * 5000, r"a\.csv:3: Calculator ID '9+': need a number"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_a_record_with_a_bad_cell_is_put_aside_with_file_and_line(
    tmp_path: Path, column: str, cell: str, message: str
) -> None:
    path = write(tmp_path / "a.csv", {**ROW, column: cell})
    found = list(read_medcalc(path))
    [broken] = [one for one in found if isinstance(one, Rejection)]
    assert broken.code == "malformed_record"
    assert re.search(message, broken.detail)


def test_entities_as_json_and_ids_as_decimals_are_read(tmp_path: Path) -> None:
    cells = {"Relevant Entities": '{"sex": "Male", "smoker": true}', "Calculator ID": "6.0"}
    (row,) = rows(write(tmp_path / "a.csv", {**ROW, **cells}))
    assert (row.calculator, dict(row.entities)) == (6, {"sex": "Male", "smoker": True})


def test_identity_is_of_the_content_and_the_split_the_publishers(tmp_path: Path) -> None:
    (one,) = rows(write(tmp_path / "test_data.csv", ROW))
    (other,) = rows(write(tmp_path / "renamed.csv", ROW))
    assert (one.name, one.content) == (other.name, other.content)
    assert (one.split, other.split) == ("test", None)


def test_a_missing_column_is_named_with_the_nearest(tmp_path: Path) -> None:
    header = tuple(name.replace("Relevant Entities", "Relevant Entity") for name in NEEDED)
    path = write(tmp_path / "a.csv", header=header)
    with pytest.raises(SourceError, match=r"no column 'Relevant Entities'; there is 'Relevant Ent"):
        list(read_medcalc(path))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"a\.csv:1: no column 'Row Number'"),
        (b"\x00\x01\x02", r"a\.csv:1: "),
        (b"\xff\xfe\x00R", r"a\.csv: byte 0: not UTF-8"),
        (",".join(NEEDED).encode() + b'\n1,"2\n', r"a\.csv:2: unexpected end of data: need well"),
    ],
    ids=["empty", "zeros", "utf-16", "unclosed-quote"],
)
def test_a_broken_file_is_one_clear_error(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=message):
        list(read_medcalc(path))


def test_no_file_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no CSV file: need MedCalc-Bench's"):
        list(read_medcalc(tmp_path))
    with pytest.raises(SourceError, match=r"missing\.csv: not found"):
        list(read_medcalc(tmp_path / "missing.csv"))


UPSTREAM = Path(
    os.environ.get("TASKKIT_UPSTREAM", Path(__file__).parents[2].parent / "shared" / "upstream")
)
ROWS = {
    "v1.0_test_even_rows.csv": (524, 421, 96, 7),
    "v1.0_train_part.csv": (1089, 1011, 60, 18),
    "verified_one_shot.csv": (55, 55, 0, 0),
}
"""Rows, and how many agree, disagree and cannot be computed, as measured."""
DISAGREE = {
    "v1.0_test_even_rows.csv": "3:2 7:1 13:7 15:6 17:8 21:8 23:2 27:2 28:10 29:2 32:8 33:7 36:10 "
    "43:9 44:2 46:8 51:4",
    "v1.0_train_part.csv": "2:2 3:4 7:2 9:1 13:16 24:11 33:11 44:1 51:12",
    "verified_one_shot.csv": "",
}
"""Calculators whose labels disagree, and how many do."""


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(ROWS))
def test_every_published_label_agrees_or_has_a_proved_cause(name: str) -> None:
    path = UPSTREAM / "medcalc" / name
    if not path.is_file():
        pytest.skip(f"{path}: not there; set TASKKIT_UPSTREAM")
    table = Labels()
    found: dict[int, int] = {}
    for row in rows(path):
        before = table.total["disagrees"]
        table.add(labelled(row, audit(row.calculator, row.entities, row.label)))
        wrong = table.total["disagrees"] - before
        found[row.calculator] = found.get(row.calculator, 0) + wrong
    every, agrees, disagrees, not_computable = ROWS[name]
    assert table.unexplained == 0
    assert table.total == {
        key: count
        for key, count in (
            ("agrees", agrees),
            ("disagrees", disagrees),
            ("not_computable", not_computable),
        )
        if count
    }
    assert table.total.total() == every
    assert " ".join(f"{n}:{count}" for n, count in sorted(found.items()) if count) == DISAGREE[name]
