"""One truth, two data models: the same questions asked of tables, and of FHIR resources.

`python -m taskkit.fhir.parity TABLES QUESTIONS` compares MIMIC-IV's tables with the resources that
they become, by EHRSQL-2024's queries.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from taskkit.build.domain import domain
from taskkit.ehr.releases.mimic.options import MimicIvOptions
from taskkit.ehr.releases.mimic_iv.tables import build_mimic_iv
from taskkit.fhir.mimic_iv import resources, tables
from taskkit.fhir.moment import interval
from taskkit.fhir.schema import write
from taskkit.fhir.store import Store
from taskkit.sqlite import connect

STEPS, LOOKS = 100_000, 2_000  # of the SQLite machine: a query that takes more is not compared
FORMS: tuple[tuple[str, str], ...] = (
    ("yes-or-no", r"^select (distinct )?count ?\(.*?\) ?> ?0"),
    ("top-k", r"rank ?\(\)"),
    ("cost", r"\bcost\b"),
    ("duration", r"^select [^f]*strftime.*? - "),
    ("count", r"^select (distinct )?count ?\("),
    ("first-or-last", r"order by .* limit 1$"),
    ("aggregate", r"^select (distinct )?(max|min|avg|sum) ?\("),
)
"""Questions by what their query looks like, the first that fits; the others list values."""


def form(sql: str) -> str:
    """What a query asks for."""
    text = " ".join(sql.lower().split())
    return next((name for name, pattern in FORMS if re.search(pattern, text)), "list")


@dataclass
class Parity:
    """How many questions have the same answer in both."""

    compared: int = 0
    agreed: int = 0
    skipped: int = 0
    """Queries that do not run on the tables, or take too long."""
    differences: list[tuple[str, str]] = field(default_factory=list)
    """Query, and both answers."""
    forms: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Form of the question, and `agreed`, `differs` or `skipped`."""

    @property
    def share(self) -> float:
        """Of those compared, how many agree."""
        return self.agreed / self.compared if self.compared else 0.0


def scope(folder: Path) -> dict[str, Any]:
    """The functions of the reference that reads resources back into rows."""
    text = (folder / "mimic_iv/rebuild.py").read_text(encoding="utf-8")
    found: dict[str, Any] = {"TABLES": tables()}
    exec(compile(text.split("\nanswer =")[0], "rebuild", "exec"), found)  # noqa: S102 # our own
    return found


def rebuilt(store: Store, folder: Path) -> sqlite3.Connection:
    """A database of the rows that the resources of a store give back."""
    known = scope(folder)

    def every(kind: str, **criteria: str) -> list[dict[str, Any]]:
        rows = store.connection.execute(
            "SELECT body FROM base.resource WHERE type = ? ORDER BY rid", (kind,)
        )
        wanted = {name: value for name, value in criteria.items() if name != "patient"}
        return [one for one in (json.loads(body) for (body,) in rows) if holds(one, wanted)]

    known["every"] = every
    connection = sqlite3.connect(":memory:")
    for table, (_, _, columns) in tables().items():
        connection.execute(f"CREATE TABLE {table} ({', '.join(columns)})")
        marks = ", ".join("?" * len(columns))
        connection.executemany(f"INSERT INTO {table} VALUES ({marks})", known["rows"](table, None))
        for name in ("subject_id", "hadm_id", "itemid", "icd_code"):
            if name in columns:
                connection.execute(f"CREATE INDEX {table}_{name} ON {table} ({name})")
    return connection


def holds(resource: dict[str, Any], wanted: dict[str, str]) -> bool:
    """Whether a resource has the values that a search asks for."""
    for name, value in wanted.items():
        found = resource.get(name)
        if isinstance(found, list):
            found = found[0].get("text")
        if found != value:
            return False
    return True


def compare(
    one: sqlite3.Connection, two: sqlite3.Connection, queries: Iterable[str], *, most: int
) -> Parity:
    """Ask queries of two databases.

    Args:
        one: The tables.
        two: What was read back.
        most: Queries to compare.
    """
    found = Parity()
    for sql in queries:
        if found.compared == most:
            break
        first = asked(one, sql)
        if first is None:
            found.skipped += 1
            found.forms[form(sql), "skipped"] += 1
            continue
        found.compared += 1
        second = asked(two, sql)
        if second is not None and alike(first, second):
            found.agreed += 1
            found.forms[form(sql), "agreed"] += 1
        else:
            found.forms[form(sql), "differs"] += 1
            found.differences.append((sql, f"{first[:3]} / {(second or [])[:3]}"))
    return found


def asked(connection: sqlite3.Connection, sql: str) -> list[Any] | None:
    """The rows of a query; None where it does not run or takes too long."""
    looks = count()
    late: Callable[[], int] = lambda: int(next(looks) > LOOKS)  # noqa: E731
    connection.set_progress_handler(late, STEPS)
    try:
        return connection.execute(sql).fetchall()
    except sqlite3.Error:
        return None


def alike(one: list[Any], two: list[Any]) -> bool:
    """Whether two answers have the same rows, in any order, numbers to float noise."""
    return sorted(map(row_text, one)) == sorted(map(row_text, two))


def row_text(row: tuple[Any, ...]) -> str:
    """A row as text, numbers to nine digits."""
    return json.dumps([f"{one:.9g}" if isinstance(one, int | float) else one for one in row])


@click.command()
@click.argument("source", type=click.Path(path_type=Path, exists=True))
@click.argument("questions", type=click.Path(path_type=Path, exists=True))
@click.option("--most", default=10_000, show_default=True, help="Queries to compare.")
def main(source: Path, questions: Path, most: int) -> None:
    """Compare MIMIC-IV's tables in SOURCE with FHIR resources, by the queries in QUESTIONS."""
    options = MimicIvOptions()
    labels = [json.loads(path.read_text("utf-8")) for path in sorted(questions.rglob("label.json"))]
    told = [sql for one in labels for sql in one.values() if sql != "null"]
    queries = [sql.replace("current_time", f"'{options.current_time}'") for sql in told]
    now = interval(f"{options.current_time.replace(' ', 'T')}Z")[0]
    with TemporaryDirectory() as folder:
        database, store = Path(folder, "tables.sqlite"), Path(folder, "store.sqlite")
        build_mimic_iv(source, database, options, domain("mimic-iv").folder, lambda *_: None)
        connection = connect(database)
        write(store, resources(connection), updated=now)
        back = rebuilt(Store(store, now=now), domain("fhir").folder)
        found = compare(connection, back, queries, most=most)
    for line in shown(found):
        click.echo(line)


def shown(parity: Parity) -> list[str]:
    """A table of the agreement by form, in Markdown."""
    heads = ("agreed", "differs", "skipped")
    lines = ["| asks for | agreed | differs | not compared |", "| --- | ---: | ---: | ---: |"]
    for name in sorted({name for name, _ in parity.forms}):
        cells = " | ".join(f"{parity.forms[name, head]:,}" for head in heads)
        lines.append(f"| {name} | {cells} |")
    total = (parity.agreed, parity.compared - parity.agreed, parity.skipped)
    lines.append("| all | " + " | ".join(f"{one:,}" for one in total) + " |")
    return lines + [f"{sql}\n    {both}" for sql, both in parity.differences]


if __name__ == "__main__":
    main()
