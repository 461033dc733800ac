"""The bank reads what an author writes, and refuses what could not be asked."""

from __future__ import annotations

import json
import re
import sqlite3
from pathlib import Path

import pytest
import sqlglot
import yaml
from jsonschema import Draft202012Validator
from sqlglot import exp

from taskkit.errors import SpecError
from taskkit.spec.schema import schema_text
from taskkit.sql.questions.bank import Bank, samples
from taskkit.sql.questions.population import slots_of_query
from taskkit.sql.questions.rendering import put
from taskkit.sql.questions.template import DOCUMENTS, slots_of
from tests.sql.questions.clinic import DOMAIN, clinic

ROOT = Path(__file__).parents[3]
TABLES = {
    "patients", "admissions", "d_icd_diagnoses", "d_icd_procedures", "d_labitems", "d_items",
    "diagnoses_icd", "procedures_icd", "labevents", "prescriptions", "cost", "chartevents",
    "inputevents_cv", "outputevents", "microbiologyevents", "icustays", "transfers",
}  # fmt: skip
BANK = """
schema: taskkit/bank/1
now: "2105-12-31 23:59:00"
populations:
  stays:
    about: a stay
    sql: select subject_id as patient, admittime as at from admissions
"""
FILE = """
schema: taskkit/templates/1
category: lookup
templates:
  - id: age
    population: stays
    phrasings:
      - How old is patient {patient}?
      - Give the age of patient {patient}.
      - What is the age of {patient}?
    sql: select max(age) from admissions where subject_id = {patient}
    answer: {kind: integer}
"""


@pytest.fixture(scope="module")
def bank() -> Bank:
    return Bank.load(DOMAIN)


def written(folder: Path, bank: str = BANK, file: str = FILE) -> Path:
    (folder / "templates").mkdir()
    (folder / "bank.yaml").write_text(bank)
    (folder / "templates" / "lookup.yaml").write_text(file)
    return folder


def test_a_good_bank_is_read_and_fits_the_schema(tmp_path: Path) -> None:
    bank = Bank.load(written(tmp_path))
    bank.check(clinic())
    assert bank.entries["age"].category == "lookup"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("population: stays", "population: stay", r"age: population: 'stay' is not in bank.yaml"),
        ("population: stays", "", "give either `population` or `fill`"),
        ("population: stays", "population: stays\n    fill: select 1 as patient", "give either"),
        ("of {patient}?", "of somebody?", r"age: phrasing 3: \{patient\} is missing"),
        ("of {patient}?", "of patient {patient}?\n      - How old is patient {patient}?", "twice"),
        ("Give the age of patient {patient}.", "How old is {patient} {window}?", "`{window}` and"),
        ("    sql:", "    choices: {window: [1, 2]}\n    sql:", "window is a reserved name"),
        ("    sql:", "    top: {limit: n}\n    sql:", "top.limit: 'n' is none of the choices"),
        ("    sql:", "    sequel:", "sequel"),
        ("kind: integer", "kind: whole", "whole"),
        ("taskkit/templates/1", "taskkit/templates/9", "taskkit/templates/1"),
    ],
)
def test_a_mistake_in_a_file_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        Bank.load(written(tmp_path, file=FILE.replace(old, new, 1)))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("max(age)", "max(aeg)", "no such column: aeg"),
        (
            "from admissions where",
            "frm admissions where",
            "age: sql: near .admissions.: syntax error",
        ),
        ("= {patient}", "= {patient} and age > {years}", r"phrasing 1: \{years\} is missing"),
        ("max(age)", "'{years}'", r"phrasing 1: \{years\} is missing"),
    ],
)
def test_a_mistake_in_sql_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    folder = written(tmp_path, file=FILE.replace(old, new, 1))
    with pytest.raises(SpecError, match=message):
        Bank.load(folder).check(clinic())


def test_a_slot_that_nothing_fills_is_named(tmp_path: Path) -> None:
    file = FILE.replace("{patient}", "{person}")
    with pytest.raises(SpecError, match=r"\{person\}: nothing fills it; there are now, patient"):
        Bank.load(written(tmp_path, file=file)).check(clinic())


def test_a_window_needs_a_time_to_hold(tmp_path: Path) -> None:
    bank = BANK.replace(", admittime as at", "")
    file = FILE.replace("{patient}?", "{patient} {window}?").replace(
        "{patient}.", "{patient} {window}."
    )
    file = file.replace("= {patient}\n", "= {patient} and {window}\n")
    file = file.replace("    sql:", "    window: {column: admittime, kinds: [year]}\n    sql:")
    with pytest.raises(SpecError, match="no column `at`, which a window needs"):
        Bank.load(written(tmp_path, bank, file)).check(clinic())


def test_an_id_given_twice_names_both_places(tmp_path: Path) -> None:
    folder = written(tmp_path)
    (folder / "templates" / "more.yaml").write_text(FILE)
    with pytest.raises(SpecError, match=r"more.yaml: age: the id is also in .*lookup.yaml"):
        Bank.load(folder)


def test_a_folder_without_templates_is_refused(tmp_path: Path) -> None:
    folder = written(tmp_path)
    (folder / "templates" / "lookup.yaml").unlink()
    with pytest.raises(SpecError, match="need at least one file of templates"):
        Bank.load(folder)


def test_mimic_has_the_templates_promised(bank: Bank) -> None:
    bank.check(clinic())
    assert len(bank.entries) >= 130
    assert all(len(entry.template.phrasings) >= 3 for entry in bank.entries.values())
    assert 12 <= len({entry.category for entry in bank.entries.values()}) <= 18


def test_mimic_asks_about_every_table(bank: Bank) -> None:
    clinic_db = clinic()
    asked = {
        table.name
        for entry in bank.entries.values()
        for sql in samples(entry.template, columns_of(entry.population, bank, clinic_db), bank.now)
        for table in sqlglot.parse_one(sql, dialect="sqlite").find_all(exp.Table)
    }
    assert asked >= TABLES


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_published_schema_is_the_model_s(name: str) -> None:
    published = (ROOT / "schemas" / f"{name}.json").read_text("utf-8")
    assert published == schema_text(name, DOCUMENTS), "run `make schemas`"


def test_the_files_of_mimic_name_and_meet_their_schema() -> None:
    for path in [DOMAIN / "bank.yaml", *(DOMAIN / "templates").glob("*.yaml")]:
        text = path.read_text("utf-8")
        named = text.splitlines()[0].partition("$schema=")[2]
        schema = json.loads((path.parent / named).read_text("utf-8"))
        Draft202012Validator(schema).validate(yaml.safe_load(text))


def columns_of(sql: str, bank: Bank, connection: sqlite3.Connection) -> tuple[str, ...]:
    return slots_of_query(connection, put(sql, {"now": f"'{bank.now}'"}))


def test_mimic_phrasings_are_sentences(bank: Bank) -> None:
    for entry in bank.entries.values():
        for phrasing in entry.template.phrasings:
            assert re.search(r"[.?]$", phrasing), phrasing
            assert re.match(r"[A-Z]", phrasing), phrasing
            assert "  " not in phrasing, phrasing
            assert "(s)" not in phrasing, phrasing


def test_mimic_phrasings_are_used_once(bank: Bank) -> None:
    phrasings = [p for entry in bank.entries.values() for p in entry.template.phrasings]
    assert len(set(phrasings)) == len(phrasings)


def test_mimic_says_how_to_round(bank: Bank) -> None:
    for entry in bank.entries.values():
        if "round(" in entry.template.sql:
            for phrasing in entry.template.phrasings:
                assert re.search(r"\bdecimals?\b", phrasing), phrasing


def test_mimic_reads_no_clock(bank: Bank) -> None:
    for entry in bank.entries.values():
        sql = entry.template.sql.lower()
        assert "'now'" not in sql
        assert "current_" not in sql
        assert "random(" not in sql


def test_mimic_slots_are_all_in_words(bank: Bank) -> None:
    for entry in bank.entries.values():
        for phrasing in entry.template.phrasings:
            assert entry.template.telling <= slots_of(phrasing), entry.where
