"""Published questions over tables, asked of the FHIR resources that the tables became."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from taskkit.build.draft import Desk, document
from taskkit.build.rejection import Rejection
from taskkit.fhir.bank.making import BASE, PORT
from taskkit.fhir.mimic_iv import tables
from taskkit.fhir.parity import asked, form
from taskkit.oracles.state import StateOracle
from taskkit.spec.answer import TableAnswer
from taskkit.spec.environment import Asset, Environment, Limits, Service
from taskkit.spec.task import Split, TaskSpec

STORE = "mimic_iv.fhir.sqlite"
CONVENTIONS = "What the published questions mean"
MAPPING = "Where the tables are in FHIR"
MOST_ROWS = 100  # of an answer
MOST = 5000  # matches on a page
WALL_S = 120.0  # of a program that reads whole tables


@dataclass(frozen=True)
class Asking:
    """A published question with the rows that the tables give."""

    record: str
    split: Split
    text: str
    sql: str
    rows: list[list[Any]] | None
    """None where the query does not run."""


@dataclass(frozen=True)
class Tables:
    """What all questions over one database share."""

    desk: Desk
    folder: Path
    sha256: str
    now: str
    """The current time of the database, as in its rows."""
    conventions: str
    """What the publisher's words mean, for the agent."""

    def environment(self) -> Environment:
        """The server beside the agent."""
        options: dict[str, Any] = {
            "now": f"{self.now.replace(' ', 'T')}+00:00", "port": PORT, "most": MOST,
        }  # fmt: skip
        service = Service(name="fhir", kind="fhir", port=PORT, data=STORE, options=options)
        return Environment(
            image=self.desk.image,
            assets=(Asset(name=STORE, sha256=self.sha256, reader="judge"),),
            services=(service,),
            network="services",
            limits=Limits(wall_s=WALL_S, cpu_s=WALL_S),
        )


def rows_of(connection: sqlite3.Connection, sql: str) -> list[list[Any]] | None:
    """The answer of the tables; None where the query does not run or takes too long."""
    found = asked(connection, sql)
    return None if found is None else [list(row) for row in found]


def tasks(site: Tables, questions: Sequence[Asking]) -> Iterator[TaskSpec | Rejection]:
    """The tasks of questions whose answer is worth asking for."""
    text = mapping()
    for one in questions:
        if one.rows is None:
            yield Rejection(one.record, "sql_error", "the query does not run on the tables")
        elif not one.rows or all(cell in (None, 0) for row in one.rows for cell in row):
            yield Rejection(one.record, "degenerate_answer", f"{one.rows[:2]}")
        elif len(one.rows) > MOST_ROWS:
            yield Rejection(one.record, "too_many_rows", f"{len(one.rows)} rows")
        else:
            yield task(site, one, text)


def task(site: Tables, asking: Asking, text: str) -> TaskSpec:
    """One question as a task."""
    expected = {"kind": "exact", "expected": asking.rows}
    oracle = {"kind": "state", "service": "fhir", "changes": [], "value": expected}
    place = f"The FHIR server is at {BASE}. It is {site.now}."
    return site.desk.draft(
        f"{asking.text}\n\n{place}",
        TableAnswer(kind="table"),
        StateOracle.model_validate(oracle),
        program(site.folder, asking.sql),
        category=f"published-{form(asking.sql)}",
        record=asking.record,
        split=asking.split,
        environment=site.environment(),
        context=(document(MAPPING, text), document(CONVENTIONS, site.conventions)),
    )


def program(folder: Path, sql: str) -> str:
    """The reference: resources are read back into the rows that the query needs."""
    body = (folder / "mimic_iv/rebuild.py").read_text(encoding="utf-8")
    used = {name: value for name, value in tables().items() if name in sql}
    return f"BASE = {BASE!r}\nTABLES = {used!r}\nSQL = {sql!r}\n\n{body}"


def mapping() -> str:
    """Where each column of the tables stands, for the agent."""
    parts = ["# Where the tables are in FHIR\n"]
    for table, (kind, criteria, columns) in tables().items():
        search = "&".join(f"{name}={value}" for name, value in criteria.items())
        parts.append(f"## {table}: {kind}{f'?{search}' if search else ''}\n")
        parts += [f"- {name}: `{path.replace('[]', '')}`" for name, (path, _) in columns.items()]
        parts.append("")
    return "\n".join(parts)
