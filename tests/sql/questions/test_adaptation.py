"""A bank taken over from another domain asks the same in the words of its own schema."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from taskkit.errors import SpecError
from taskkit.sql.questions.bank import Bank

BANK = """
schema: taskkit/bank/1
now: "2105-12-31 23:59:00"
populations:
  person: {about: a person, sql: select subject_id as person from patients}
"""
TEMPLATES = """
schema: taskkit/templates/1
category: lookup
templates:
  - id: sex
    population: person
    phrasings: ["Sex (ICD-9) of {person}?", "{person}: sex?", "What sex is {person}?"]
    sql: select gender from patients where subject_id = {person}
    answer: {kind: string}
  - id: born
    population: person
    window: {column: patients.dob, kinds: [year]}
    phrasings: ["Born {window}: {person}?", "{person}: {window}?", "Is {person} of {window}?"]
    sql: select gender from patients where subject_id = {person} and {window}
    answer: {kind: string}
"""
OVER = """
schema: taskkit/bank/1
now: "2100-12-31 23:59:00"
extends:
  domain: first
  sql: {patients: people, gender: sex}
  questions: {ICD-9: ICD}
  without: [born]
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "first" / "templates").mkdir(parents=True)
    (tmp_path / "second").mkdir()
    (tmp_path / "first" / "bank.yaml").write_text(BANK)
    (tmp_path / "first" / "templates" / "lookup.yaml").write_text(TEMPLATES)
    (tmp_path / "second" / "bank.yaml").write_text(OVER)
    return tmp_path


def test_whole_words_of_queries_and_questions_are_put_in_others(home: Path) -> None:
    bank = Bank.load(home / "second")
    assert bank.now == "2100-12-31 23:59:00"
    assert list(bank.entries) == ["sex"]
    sex = bank.entries["sex"]
    assert sex.template.sql == "select sex from people where subject_id = {person}"
    assert sex.population == "select subject_id as person from people"
    assert sex.template.phrasings[0] == "Sex (ICD) of {person}?"
    connection = sqlite3.connect(":memory:")
    connection.execute("create table people (subject_id integer, sex text)")
    bank.check(connection)


def test_the_own_template_takes_the_place_of_the_other(home: Path) -> None:
    shutil.copytree(home / "first" / "templates", home / "second" / "templates")
    path = home / "second" / "bank.yaml"
    path.write_text(
        "schema: taskkit/bank/1\nnow: '2100-12-31 23:59:00'\nextends: {domain: first}\n"
    )
    where = Bank.load(home / "second").entries["sex"].where
    assert where == f"{home / 'second' / 'templates' / 'lookup.yaml'}: sex"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("without: [born]", "without: [bron]", r"extends\.without: 'bron': no such template$"),
        ("gender: sex", "gendre: sex", r"extends\.sql: 'gendre': occurs in no template$"),
        ("ICD-9: ICD", "ICD-10: ICD", r"extends\.questions: 'ICD-10': occurs in no template$"),
    ],
)
def test_what_occurs_nowhere_is_named(home: Path, old: str, new: str, said: str) -> None:
    path = home / "second" / "bank.yaml"
    path.write_text(OVER.replace(old, new))
    with pytest.raises(SpecError, match=said):
        Bank.load(home / "second")
