"""The bank of mimic over MIMIC-IV: every template that fits makes questions in its words."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from taskkit.ehr.rendering.mimic_iv import generate_mimic_iv
from taskkit.sql.questions.bank import Bank
from taskkit.sql.questions.fill import Filler
from taskkit.sql.questions.question import Question
from taskkit.sqlite import connect

DOMAIN = Path(__file__).parents[3] / "domains" / "mimic-iv"
BANK = Bank.load(DOMAIN)
FOREIGN = ("icd9_code", "icustay_id", "startdate", "wardid", "ethnicity", "admit wt", "short_title")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path = tmp_path_factory.mktemp("mimic-iv") / "mimic_iv.sqlite"
    generate_mimic_iv(path, domain=DOMAIN, patients=300)
    connection = connect(path)
    yield connection
    connection.close()


def test_the_bank_has_the_categories_of_mimic() -> None:
    counts = Counter(entry.category for entry in BANK.entries.values())
    assert len(counts) == 17
    assert min(counts.values()) >= 8
    assert counts.total() == 180


def test_no_word_of_mimic_iii_is_left() -> None:
    for name, entry in BANK.entries.items():
        text = "\n".join((entry.template.sql, entry.population, *entry.template.phrasings))
        assert not [word for word in FOREIGN if word in text], name


@pytest.mark.slow
def test_every_query_fits_the_schema_and_every_template_makes_a_question(
    database: sqlite3.Connection,
) -> None:
    BANK.check(database)
    filler = Filler(BANK, database, 0)
    barren = [
        name
        for name in BANK.entries
        if not any(isinstance(one, Question) for one in islice(filler.results(name), 60))
    ]
    assert not barren
