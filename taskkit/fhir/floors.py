"""`python -m taskkit.fhir.floors TASKSET`: counts and floors by template, as a Markdown table."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import click

from taskkit.audit.proof_status import ProofStatus, best_guesses
from taskkit.audit.survivors import JUDGED
from taskkit.oracles.state import StateOracle
from taskkit.taskset.folder import Taskset

HEADS = (
    "template",
    "tasks",
    "audited",
    "without a finding",
    "write",
    "written",
    "read",
    "best guess",
)


@dataclass
class Row:
    """The tasks of one template."""

    tasks: int = 0
    audited: int = 0
    sound: int = 0
    """Audited, without a finding."""
    write: int = 0
    """Tasks whose right outcome has a change."""
    fates: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Kind of mutant, `written` or `read`, and its fate."""
    guess: str = "-"
    """How many the best fixed guess has right; one is always allowed."""

    def add(self, other: Row) -> None:
        """Count another template's tasks as well."""
        self.tasks += other.tasks
        self.audited += other.audited
        self.sound += other.sound
        self.write += other.write
        self.fates += other.fates

    def killed(self, kind: str) -> str:
        """How many mutants are killed of those that are judged."""
        judged = sum(self.fates[kind, fate] for fate in JUDGED)
        return f"{self.fates[kind, 'killed']} of {judged}" if judged else "-"

    def cells(self, name: str) -> str:
        """The row of a table."""
        counts = (self.tasks, self.audited, self.sound, self.write)
        parts = (name, *counts, self.killed("written"), self.killed("read"), self.guess)
        return f"| {' | '.join(map(str, parts))} |"


def rows(taskset: Path) -> dict[str, Row]:
    """The rows by category, and of `all`."""
    status = ProofStatus.of(taskset)
    found: dict[str, Row] = {}
    for spec in Taskset(taskset).specs():
        row = found.setdefault(spec.category, Row())
        row.tasks += 1
        row.write += isinstance(spec.oracle, StateOracle) and bool(spec.oracle.changes)
        record = status.audited.get(spec.id)
        if record is not None and "sandbox_failed" not in record.codes:
            row.audited += 1
            row.sound += not status.codes.get(spec.id)
            row.fates.update((kind, fate) for kind, fate, *_ in record.loaded("fates"))
    total = Row()
    for row in found.values():
        total.add(row)
    made = {**dict(sorted(found.items())), "all": total}
    for scope, rate in best_guesses(status).items():
        if scope in made:
            made[scope].guess = f"{rate.hits} of {rate.size}"
    return made


@click.command()
@click.argument("taskset", type=click.Path(path_type=Path, exists=True, file_okay=False))
def main(taskset: Path) -> None:
    """Print counts and floors of an audited TASKSET by template."""
    click.echo(f"| {' | '.join(HEADS)} |")
    click.echo(f"| --- |{' ---: |' * (len(HEADS) - 1)}")
    for name, row in rows(taskset).items():
        click.echo(row.cells(name))


if __name__ == "__main__":
    main()
