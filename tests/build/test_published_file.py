"""Files of others: what never ends, is nested without end, or holds what no document can hold."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from taskkit.analysis.record import read_records
from taskkit.build.domain import domain
from taskkit.build.driver import Order, run
from taskkit.build.published_file import parse_json, read_text
from taskkit.build.rejection import Rejection
from taskkit.calculation.published import NEEDED
from taskkit.calculation.studies.published import read_npower
from taskkit.code.published import read_rows
from taskkit.errors import SourceError
from taskkit.fhir.medagentbench.files import document, lines
from taskkit.notes.published.chosen import read_mentions
from taskkit.prediction.published.tasks import task_names
from taskkit.sql.questions.ehrsql import read_ehrsql
from taskkit.sql.questions.mimicsql import read_mimicsql
from taskkit.sql.questions.published import Published

DEEP = "[" * 100_000 + "]" * 100_000
DIGITS = '{"id": ' + "9" * 10_000 + "}"
NOTES = {"1": "80 kg, 200 cm.", "2": "80 kg, 200 cm. " * 100_000}
HALF = '{"id": "\\ud800"}'
READERS: dict[str, Callable[[Path], Any]] = {
    "records.json": lambda path: read_ehrsql(path, db_id="mimic_iii"),
    "rows.json": lambda path: list(read_rows(path)),
    "rows.jsonl": lambda path: list(read_rows(path)),
    "tasks.jsonl": task_names,
    "mentions.json": read_mentions,
    "mentions.jsonl": read_mentions,
    "questions.json": document,
    "patients.ndjson": lambda path: list(lines(path)),
}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (DEEP, "nested too deeply"),
        (DIGITS, "a whole number of thousands of digits"),
        (HALF, "half a character"),
        ("{", "Expecting property name"),
    ],
)
def test_what_no_document_can_hold_is_no_json(text: str, said: str) -> None:
    with pytest.raises(json.JSONDecodeError, match=said):
        parse_json(text)


def test_both_halves_of_a_character_are_one() -> None:
    assert parse_json('"\\ud83d\\ude00"') == "\N{GRINNING FACE}"


@pytest.mark.parametrize("text", [DEEP, DIGITS, HALF], ids=["deep", "digits", "half"])
@pytest.mark.parametrize("name", READERS)
def test_every_reader_refuses_it_and_names_the_file(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    with pytest.raises(SourceError, match=name):
        READERS[name](path)


@pytest.mark.parametrize("text", [DEEP, DIGITS, HALF], ids=["deep", "digits", "half"])
@pytest.mark.parametrize("read", [read_records, read_npower, read_mimicsql])
def test_such_a_line_is_put_aside_by_itself(tmp_path: Path, read: Any, text: str) -> None:
    path = tmp_path / "train.jsonl"
    path.write_text(f"{text}\n{{}}\n", "utf-8")
    found = list(read(path))
    assert [(type(one), one.code) for one in found] == [(Rejection, "malformed_record")] * 2


def test_half_a_character_puts_its_record_aside_and_no_other(tmp_path: Path) -> None:
    whole = {"db_id": "mimic_iii", "question": "How many?", "query": "select 1"} | {
        "id": "1", "is_impossible": False, "split": "train",
    }  # fmt: skip
    path = tmp_path / "train.json"
    path.write_text(json.dumps([whole | {"id": "2", "question": "How \ud800?"}, whole]))
    first, second = read_ehrsql(path, db_id="mimic_iii")
    assert (type(first), type(second)) == (Rejection, Published)


def test_a_query_of_thousands_of_terms_is_put_aside_unparsed(tmp_path: Path) -> None:
    record = {"db_id": "mimic_iii", "question": "How many?", "id": "1", "split": "train"}
    sums = record | {"query": f"select {'1+' * 30_000}1", "is_impossible": False}
    path = tmp_path / "train.json"
    path.write_text(json.dumps([sums]))
    (found,) = read_ehrsql(path, db_id="mimic_iii")
    assert isinstance(found, Rejection)
    assert "a query of 60,008 characters: need 10,000 at most" in found.detail


@pytest.mark.parametrize("name", READERS)
def test_no_reader_waits_for_a_pipe(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    with pytest.raises(SourceError, match=r"no (?:regular|such) file"):
        READERS[name](tmp_path / name)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        *((name, "source") for name in ("biocoder", "medcalc", "fhir", "ehrshot", "mimic")),
        *((name, "questions") for name in ("ehrcon", "ehrshot", "mimic", "seqsql")),
    ],
)
def test_no_build_reads_a_pipe_or_a_device(tmp_path: Path, name: str, given: str) -> None:
    found = domain(name)
    (tmp_path / "zero.json").symlink_to("/dev/zero")
    order = Order(found, found.builder().Options(), tmp_path / "out")
    with pytest.raises(SourceError, match=r"zero\.json: no regular file"):
        run(replace(order, **cast(Any, {given: tmp_path / "zero.json"})))


def test_a_line_ends_with_its_line_end_alone(tmp_path: Path) -> None:
    path = tmp_path / "task.jsonl"
    path.write_text('{"task_name": "los_3", "note": "a\u2028b"}\n', "utf-8")
    assert task_names(path) == ("los_3",)


def test_a_large_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "big").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(SourceError, match="bytes: need 200,000,000 at most"):
        read_text(tmp_path / "big")


def test_a_task_that_no_document_can_hold_is_put_aside(tmp_path: Path) -> None:
    found, source = domain("medcalc"), tmp_path / "rows.csv"
    entities = "{'weight': [80, 'kg'], 'height': [200, 'cm']}"
    ends = ["What is the BMI?", entities, "20.0", "19.0", "21.0"]
    rows = [[number, "6", number, "Extracted", note, *ends] for number, note in NOTES.items()]
    with source.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([NEEDED, *rows])
    built = run(Order(found, found.builder().Options(), tmp_path / "out", source=source))
    assert (built.counts.total, built.rejected) == (1, {"too_large": 1})
