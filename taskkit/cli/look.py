"""`taskkit domains`, `show` and `stats`: look at what there is."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from pathlib import Path

import click
from rich.syntax import Syntax

from taskkit.audit.standing import Standing, entropy
from taskkit.build.domain import domains as known_domains
from taskkit.cli.screen import bars, console, counts, print_json, table
from taskkit.spec.oracle import ValueOracle
from taskkit.taskset.folder import Taskset
from taskkit.verify.results import read_results
from taskkit.verify.verification import results_path

PATH = click.Path(path_type=Path, exists=True)


@click.command(epilog="\b\nExample:\n  taskkit domains")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def domains(*, as_json: bool) -> int:
    """List the domains that tasks can be built of.

    Domains of your own: put their folders below one named by the environment variable
    TASKKIT_DOMAINS.
    """
    found = known_domains().values()
    if as_json:
        print_json([one.manifest.model_dump(mode="json") for one in found])
        return 0
    rows = [(one.manifest.name, one.manifest.title, str(one.folder)) for one in found]
    console().print(table("Domains", ("name", "what", "folder"), rows))
    return 0


@click.command(
    epilog="\b\nExamples:\n  taskkit show mimic-1f0c0b7cc9e30a42\n"
    "  taskkit show mimic-1f0c0b7cc9e30a42 --taskset tasks/mimic --dockerfile"
)
@click.argument("id")
@click.option(
    "--taskset", "folder", type=PATH, help="Where to look.  [default: every folder of tasks/]"
)
@click.option("--dockerfile", is_flag=True, help="Print the Dockerfile of the task's image.")
@click.option("--yaml", "plain", is_flag=True, help="Print the document as it is.")
def show(id: str, folder: Path | None, *, dockerfile: bool, plain: bool) -> int:
    """Show one task: what the agent sees, what judges it, what solves it."""
    taskset, path = _find(id, folder)
    spec = taskset.read(path)
    screen = console()
    if dockerfile:
        click.echo((taskset.path / "images" / spec.environment.image / "Dockerfile").read_text())
        return 0
    if plain:
        click.echo(path.read_text("utf-8"))
        return 0
    screen.print(f"[bold]{spec.id}[/bold]  {spec.category} · {spec.split} · {path}\n")
    screen.print(spec.instruction, markup=False)
    screen.print("\n[bold]Context:[/bold] " + ", ".join(one.name for one in spec.context))
    for turn in spec.dialogue:
        if turn is not spec:
            screen.print(f"\n{turn.instruction}", markup=False)
        screen.print("[bold]Oracle:[/bold]")
        oracle = json.dumps(turn.oracle.model_dump(mode="json"))
        screen.print(Syntax(oracle, "json", word_wrap=True))
        for step in turn.reference.steps:
            code = getattr(step, "code", None) or getattr(step, "command", None) or str(step)
            screen.print(f"[bold]Reference:[/bold] {step.action}")
            screen.print(Syntax(code, getattr(step, "language", "sh"), word_wrap=True))
    screen.print(f"[bold]From:[/bold] {spec.provenance.source}: {spec.provenance.record}")
    return 0


def _find(id: str, folder: Path | None) -> tuple[Taskset, Path]:
    folders = [folder] if folder else sorted(p.parent for p in Path("tasks").glob("*/taskset.yaml"))
    for one in folders:
        taskset = Taskset(one)
        path = taskset.find(id)
        if path is not None:
            return taskset, path
    where = ", ".join(str(one) for one in folders) or "tasks/"
    raise click.UsageError(f"task {id!r}: not in {where}: name its folder with --taskset")


@click.command(
    epilog="\b\nExamples:\n  taskkit stats tasks/mimic\n  taskkit stats tasks/mimic --json"
)
@click.argument("path", type=PATH)
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def stats(path: Path, *, as_json: bool) -> int:
    """Show what a taskset holds: categories, splits, answers, findings."""
    path = path.resolve()
    taskset = Taskset(path)
    answers: defaultdict[str, Counter[str]] = defaultdict(Counter)
    splits: defaultdict[str, Counter[str]] = defaultdict(Counter)
    total = taskset.manifest.counts.total
    with bars(shown=not as_json) as progress:
        for number, spec in enumerate(taskset.specs(), 1):
            progress("read", number, total)
            splits[spec.category][spec.split] += 1
            for turn in spec.dialogue:
                oracle, expected = turn.oracle, "abstain"
                if isinstance(oracle, ValueOracle):
                    expected = json.dumps(oracle.expected, sort_keys=True)
                answers[spec.category][expected] += 1
    findings: Counter[str] = Counter()
    if results_path(path).exists():
        findings.update(one.code for one in read_results(results_path(path)))
    standing = Standing.of(path)
    if as_json:
        print_json(_as_json(answers, splits, findings) | _standing_as_json(standing))
    else:
        _show(taskset, answers, splits, findings)
        _show_standing(standing)
    return 0


def _top_share(answers: Counter[str]) -> float:
    return answers.most_common(1)[0][1] / answers.total() if answers else 0.0


def _as_json(
    answers: dict[str, Counter[str]], splits: dict[str, Counter[str]], findings: Counter[str]
) -> dict[str, object]:
    return {
        "categories": {
            name: {
                "tasks": splits[name].total(),
                "splits": dict(splits[name]),
                "distinct_answers": len(answers[name]),
                "top_answer_share": round(_top_share(answers[name]), 4),
                "answer_entropy_bits": round(entropy(answers[name]), 3),
            }
            for name in sorted(splits)
        },
        "top_answer_share": round(_top_share(sum(answers.values(), Counter())), 4),
        "findings": dict(findings),
    }


def _show(
    taskset: Taskset,
    answers: dict[str, Counter[str]],
    splits: dict[str, Counter[str]],
    findings: Counter[str],
) -> None:
    screen = console()
    rows = [
        (
            name,
            splits[name].total(),
            *(splits[name][split] for split in ("train", "valid", "test")),
            len(answers[name]),
            f"{_top_share(answers[name]):.1%}",
            f"{entropy(answers[name]):.1f}",
        )
        for name in sorted(splits)
    ]
    columns = ("category", "tasks", "train", "valid", "test", "answers", "commonest", "bits")
    screen.print(table(f"{taskset.path}", columns, rows))
    everywhere = sum(answers.values(), Counter())
    screen.print(
        f"{taskset.manifest.counts.total:,} tasks, {everywhere.total():,} answers asked for,"
        f" {len(everywhere):,} distinct,"
        f" the commonest {_top_share(everywhere):.1%}"
    )
    if findings:
        screen.print(table("Findings of verify", ("finding", "instances"), counts(findings)))


def _standing_as_json(standing: Standing) -> dict[str, object]:
    audit = standing.audit
    return {
        "proved": len(standing.proved),
        "audited": audit.instances,
        "audit_findings": dict(audit.codes),
        "best_guesses": {
            rate.scope: {"rule": rate.rule, "share": round(rate.share, 4)}
            for rate in reversed(audit.whole.rates)
        },
        "tables_read": {str(n): count for n, count in sorted(_tables(standing).items())},
    }


def _tables(standing: Standing) -> Counter[int]:
    """Count the instances by the number of tables that their reference reads."""
    return Counter(len(one.loaded("facts").get("tables", ())) for one in standing.audited.values())


def _show_standing(standing: Standing) -> None:
    screen = console()
    if not standing.audited:
        screen.print("not audited: `taskkit audit` tells how many are proved")
        return
    if standing.audit.codes:
        rows = counts(standing.audit.codes)
        screen.print(table("Findings of the audit", ("finding", "instances"), rows))
    spread = ", ".join(f"{n}: {count:,}" for n, count in sorted(_tables(standing).items()))
    screen.print(f"tables read: {spread}")
    screen.print(f"{len(standing.proved):,} proved: verified and audited without a finding")
