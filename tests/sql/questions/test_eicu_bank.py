"""The eicu bank: every template fills on the synthetic database; what lacks its table is told."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from taskkit.ehr.rendering.eicu import generate_eicu
from taskkit.sql.questions.bank import Bank
from taskkit.sql.questions.fill import Filler
from taskkit.sql.questions.question import Question
from taskkit.sqlite import connect

DOMAIN = Path(__file__).parents[3] / "domains" / "eicu"
TABLES = ("patient", "diagnosis", "treatment", "lab", "medication", "cost", "allergy")
OTHERS = ("intakeoutput", "microlab", "vitalperiodic")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path = tmp_path_factory.mktemp("eicu") / "eicu.sqlite"
    generate_eicu(path, domain=DOMAIN, patients=600)
    connection = connect(path)
    yield connection
    connection.close()


def test_the_bank_covers_every_table(database: sqlite3.Connection) -> None:
    bank = Bank.load(DOMAIN)
    bank.check(database)
    assert len(bank.entries) >= 100
    text = " ".join(entry.template.sql for entry in bank.entries.values())
    for table in (*TABLES, *OTHERS):
        assert f" {table} " in text or f" {table}\n" in text


@pytest.mark.slow
def test_every_template_fills_twenty_times(database: sqlite3.Connection) -> None:
    filler = Filler(Bank.load(DOMAIN), database, 0)
    short = {}
    for name in filler.bank.entries:
        made = sum(isinstance(result, Question) for result in filler.fill(name, 20))
        if made < 20:
            short[name] = made
    assert not short


def test_templates_without_their_table_are_told(tmp_path: Path) -> None:
    path = tmp_path / "empty.sqlite"
    generate_eicu(path, domain=DOMAIN, patients=40)
    connection = sqlite3.connect(path)
    connection.execute("delete from lab")
    connection.execute("delete from vitalperiodic")
    bank = Bank.load(DOMAIN)
    kept, lacks = bank.supported(connection)
    assert set(lacks.values()) == {"lab", "vitalperiodic"}
    assert set(kept.entries) | set(lacks) == set(bank.entries)
    assert lacks["lab-range-in-stay"] == "lab"
    assert "cost-of-stay" in kept.entries
