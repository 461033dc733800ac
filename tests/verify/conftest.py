"""A small taskset of a domain that no test owns; another SQL engine with a ward's stays."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from taskkit.build.domain import domain
from taskkit.build.driver import Order, run
from taskkit.sql.engines.duck import DuckFiles
from taskkit.sql.engines.engine import Engine

DOMAINS = Path(__file__).parents[1] / "fixtures" / "domains"


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """A taskset of 12 tasks, each the total dose of a drug."""
    source = tmp_path / "doses.csv"
    source.write_text("drug,dose\n" + "".join(f"drug{n % 12},{n}\n" for n in range(1, 80)))
    found = domain("toy", (DOMAINS,))
    run(Order(found, found.builder().Options(), tmp_path / "toy", source=source))
    return tmp_path / "toy"


WARD = """
create table stay (id integer, ward text, days integer, weight real, note text, began text);
insert into stay values
  (1, 'a', 3, 70.5, 'Fever', '2105-01-31 10:00:00'), (2, 'a', 4, null, '', '2105-02-01 00:30:00'),
  (3, 'b', 7, 80, null, '2104-12-31 23:59:00'), (4, 'c', 1, 60.25, 'a, "b"', '2105-03-02 08:00:00');
create index by_ward on stay (ward);
"""


@pytest.fixture(scope="session")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database of one table."""
    path = tmp_path_factory.mktemp("engines") / "ward.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript(WARD)
    connection.close()
    return path


@pytest.fixture(scope="session")
def duck(ward: Path) -> Iterator[Engine]:
    """The ward in DuckDB."""
    pytest.importorskip("duckdb")
    ducks = DuckFiles()
    made = ducks.copy(ward, "0").open()
    yield made
    made.close()
    ducks.close()
