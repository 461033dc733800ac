"""`taskkit stats`: what a taskset holds, how hard it is, and what is known of it."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median

import click

from taskkit.audit.proof_status import ProofStatus, best_guesses, entropy, measures, selection
from taskkit.audit.quarantine import read_quarantine
from taskkit.cli import flags
from taskkit.cli.screen import bars, console, counts, print_json, table
from taskkit.errors import PluginError
from taskkit.oracles.judge import abstaining, key
from taskkit.pool.ordered import in_chunks
from taskkit.spec.manifest import PublishedAnswers
from taskkit.spec.task import TaskSpec, Turn
from taskkit.taskset.folder import Taskset


@click.command(
    epilog="\b\nExamples:\n  taskkit stats tasks/mimic\n  taskkit stats tasks/mimic --json\n"
    "  taskkit stats tasks/mimic --filter 'tables>=3' --filter 'guess<=0.1'"
)
@click.argument("path", type=flags.PATH)
@flags.filters(": tables, words, reference, steps, entropy, guess with <, <=, =, >=, >")
@flags.jobs
@click.option("--ids", is_flag=True, help="Print the ids of the tasks, a line each, and no more.")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def stats(path: Path, filters: tuple[str, ...], jobs: int, *, ids: bool, as_json: bool) -> int:
    """Show what a taskset holds: categories, splits, answers, difficulty, findings."""
    path = path.resolve()
    chosen = selection(path, filters)
    taskset = Taskset(path)
    files = [file for file in taskset.paths() if chosen.takes(file)]
    if ids:
        for file in files:
            click.echo(file.stem)
        return 0
    status, held = ProofStatus.of(path), Holdings()
    with bars(shown=not as_json) as progress:
        for number, one in enumerate(in_chunks(partial(_holding, path), files, jobs), 1):
            progress("read", number, len(files))
            held.add(one)
    wanted = {file.stem for file in files}
    reasons, published = Counter(_reasons(path, wanted)), taskset.manifest.published
    shown = Shown(path, held, status, wanted, reasons, published)
    if as_json:
        print_json(shown.as_json())
    else:
        shown.show()
    return 0


def _reasons(path: Path, wanted: set[str]) -> Iterable[str]:
    """Give the code of every finding on an instance, each once for an instance."""
    found = {(one.instance, one.code) for one in read_quarantine(path) if one.instance in wanted}
    return (code for _, code in found)


@dataclass(frozen=True)
class Holding:
    """What is in a task's file."""

    category: str
    split: str
    answers: tuple[str, ...]
    """What each turn asks for, as JSON; `abstain` where nobody can know."""


def _holding(path: Path) -> Callable[[Path], Holding]:
    """Make what looks into the files of a taskset."""
    taskset = Taskset(path)

    def look(file: Path) -> Holding:
        spec = taskset.read(file)
        try:
            answers = tuple(_expected(turn) for turn in spec.dialogue)
        except PluginError as error:
            raise PluginError(f"{file}: {error}") from error
        return Holding(spec.category, spec.split, answers)

    return look


def _expected(turn: TaskSpec | Turn) -> str:
    return "abstain" if abstaining(turn) else json.dumps(key(turn), sort_keys=True)


@dataclass
class Holdings:
    """What is in the tasks' files."""

    answers: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """By category."""
    splits: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, one: Holding) -> None:
        """Count a task."""
        self.splits[one.category][one.split] += 1
        self.answers[one.category].update(one.answers)


def top_share(answers: Counter[str]) -> float:
    """Give the share of the commonest answer."""
    return answers.most_common(1)[0][1] / answers.total() if answers else 0.0


@dataclass
class Shown:
    """All that the command tells."""

    path: Path
    held: Holdings
    status: ProofStatus
    wanted: set[str]
    reasons: Counter[str]
    """Instances in the quarantine, by reason."""
    published: PublishedAnswers | None
    """What recomputing the publisher's answers gave, where the records are published ones."""

    def __post_init__(self) -> None:
        """Sort the measures by category."""
        self._measures: defaultdict[str, list[dict[str, float]]] = defaultdict(list)
        for id, found in measures(self.status).items():
            if id in self.wanted:
                self._measures[self.status.audited[id].category].append(found)
        self._guesses = best_guesses(self.status)

    def _median(self, category: str, name: str) -> float | None:
        found = [one[name] for one in self._measures[category]]
        return median(found) if found else None

    def as_json(self) -> dict[str, object]:
        """Give it as plain values."""
        verified = self._verified()
        everywhere = sum(self.held.answers.values(), Counter())
        return {
            "tasks": len(self.wanted),
            "categories": {name: self._category(name) for name in sorted(self.held.splits)},
            "top_answer_share": round(top_share(everywhere), 4),
            "findings": dict(verified),
            "proved": len(self.status.proved & self.wanted),
            "audited": len(self.status.audited.keys() & self.wanted),
            "audit_findings": dict(self.status.audit.codes),
            "quarantine": dict(counts(self.reasons)),
            "best_guesses": {
                scope: {"rule": rate.rule, "share": round(rate.share, 4)}
                for scope, rate in self._guesses.items()
            },
            "overlap": self.status.audit.whole.overlap,
            "published": self.published and self.published.model_dump(),
            "tables_read": {f"{n:.0f}": count for n, count in sorted(self._tables().items())},
        }

    def _category(self, name: str) -> dict[str, object]:
        answers, splits, guess = self.held.answers[name], self.held.splits[name], self._guesses
        return {
            "tasks": splits.total(),
            "splits": dict(splits),
            "distinct_answers": len(answers),
            "top_answer_share": round(top_share(answers), 4),
            "answer_entropy_bits": round(entropy(answers), 3),
            "best_guess": round(guess[name].share, 4) if name in guess else None,
            "tables_median": self._median(name, "tables"),
            "reference_median": self._median(name, "reference"),
            "words_median": self._median(name, "words"),
        }

    def _verified(self) -> Counter[str]:
        known = self.status.verified
        return Counter(known[id].code for id in self.wanted if id in known)

    def _tables(self) -> Counter[float]:
        """Count the instances by the number of tables that their reference reads."""
        return Counter(one["tables"] for found in self._measures.values() for one in found)

    def show(self) -> None:
        """Print it."""
        screen = console()
        splits, answers = self.held.splits, self.held.answers
        rows = [
            (
                name,
                splits[name].total(),
                *(splits[name][split] for split in ("train", "valid", "test")),
                len(answers[name]),
                f"{top_share(answers[name]):.1%}",
                f"{entropy(answers[name]):.1f}",
                f"{self._guesses[name].share:.1%}" if name in self._guesses else "",
                _number(self._median(name, "tables")),
                _number(self._median(name, "reference")),
            )
            for name in sorted(splits)
        ]
        columns = ("category", "tasks", "train", "valid", "test", "answers", "commonest", "bits",
                   "best guess", "tables", "reference")  # fmt: skip
        screen.print(table(f"{self.path}", columns, rows))
        everywhere = sum(answers.values(), Counter())
        screen.print(
            f"{len(self.wanted):,} tasks, {everywhere.total():,} answers asked for,"
            f" {len(everywhere):,} distinct, the commonest {top_share(everywhere):.1%}"
        )
        if self.published is not None:
            screen.print(str(self.published))
        if verified := self._verified():
            screen.print(table("Findings of verify", ("finding", "instances"), counts(verified)))
        if not self.status.audited:
            screen.print("not audited: `taskkit prove` tells how many are proved")
            return
        self._show_audit()

    def _show_audit(self) -> None:
        screen = console()
        screen.print("tables and reference: medians; bits: entropy of the answers")
        if self.reasons:
            screen.print(table("Quarantined", ("reason", "instances"), counts(self.reasons)))
        overlap = dict(self.status.audit.whole.overlap)
        if others := overlap.pop("instances", 0):
            shared = ", ".join(f"{what} {count / others:.0%}" for what, count in overlap.items())
            screen.print(f"shared with train by {others:,} of valid and test: {shared}")
        proved = len(self.status.proved & self.wanted)
        of = f"{proved:,} of {len(self.wanted):,}"
        screen.print(f"{of} proved: verified, and audited without a finding")


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"
