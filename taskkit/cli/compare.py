"""`taskkit compare`: runs side by side, and why they failed."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console

from taskkit.cli.screen import console, print_json, table
from taskkit.run.behaviour import PUBLISHED_ACTIONS, Behaviour, Followed
from taskkit.run.compare import BYS, By, ComparedRun, Comparison, Group
from taskkit.run.failures import CAUSES, EXPLAINED, PUBLISHED
from taskkit.run.figures import Interval
from taskkit.run.results import Run
from taskkit.run.suites import read_suites


@click.command(
    epilog="\b\nExamples:\n"
    "  taskkit compare tasks/mimic.results/runs/*\n"
    "  taskkit compare RUN_A RUN_B --by category --by suite\n"
    "  taskkit compare RUN --failures"
)
@click.argument(
    "runs", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, file_okay=False)
)
@click.option(
    "--by",
    "bys",
    multiple=True,
    type=click.Choice(BYS),
    default=("domain",),
    show_default=True,
    help="What to group tasks by; may be given again.",
)
@click.option(
    "--suites",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Your file of suites.  [default: internal and external, as shipped]",
)
@click.option(
    "--failures",
    is_flag=True,
    help="Why episodes failed, what agents did, and whether debugging helped.",
)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def compare(
    runs: tuple[Path, ...], bys: tuple[By, ...], suites: Path | None, *,
    failures: bool, as_json: bool,
) -> int:  # fmt: skip
    """Compare runs: success with 95 % intervals, pass@k and pass^k, floors, steps and cost.

    Intervals are bootstrapped over tasks. Later runs are compared with the first, task by task.
    The floors are what the audit measured: an agent that does nothing, and the best rule of
    guessing. An episode that the endpoint or the sandbox failed counts for nothing.
    """
    opened = [Run.open(folder.resolve()) for folder in runs]
    made = Comparison.of(opened, read_suites(suites))
    behaviours = {told.name: behaviour(told) for told in made.runs} if failures else {}
    if as_json:
        document = made.as_json(bys)
        if failures:
            document["behaviour"] = {name: _doing(one) for name, one in behaviours.items()}
        print_json(document)
        return 0
    screen = console()
    _show_groups(screen, made, bys)
    _show_differences(screen, made)
    for told in made.runs:
        if told.void:
            parts = ", ".join(f"{n} by the {who}" for who, n in sorted(told.void.items()))
            screen.print(f"{told.name}: without a result: {parts}", soft_wrap=True)
        if failures:
            _show_failures(screen, told, behaviours[told.name])
    return 0


def behaviour(told: ComparedRun) -> Behaviour:
    """Sum up the steps of a run."""
    made = Behaviour()
    for run in told.runs:
        for row in run.rows():
            if row.done:
                made.add(row.trajectory())
    return made


def _show_groups(screen: Console, made: Comparison, bys: tuple[By, ...]) -> None:
    groups = made.groups(bys)
    ks = sorted({one.k for group in groups for one in group.passes} - {1})
    columns = ("by", "group", "run", "tasks", "episodes", "success", "95 %",
               *(f"pass@{k}" for k in ks), *(f"pass^{k}" for k in ks),
               "nothing", "guess", "steps", "cost")  # fmt: skip
    screen.print(table("Success", columns, [_row(group, ks) for group in groups]))


def _row(group: Group, ks: list[int]) -> tuple[object, ...]:
    by_k = {one.k: one for one in group.passes}
    floor = group.floor
    return (
        group.by, group.name, group.run, group.tasks, group.episodes,
        _share(group.success.value if group.success else None), _bounds(group.success),
        *(_share(by_k[k].at if k in by_k else None) for k in ks),
        *(_share(by_k[k].hat if k in by_k else None) for k in ks),
        _share(floor.nothing if floor else None), _share(floor.guess if floor else None),
        f"{group.steps:.1f}", "" if group.cost is None else f"${group.cost:.2f}",
    )  # fmt: skip


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.1%}"


def _bounds(found: Interval | None) -> str:
    return "" if found is None else f"{found.low:.1%} to {found.high:.1%}"


def _show_differences(screen: Console, made: Comparison) -> None:
    rows = [
        (
            run, against, found.tasks,
            "" if found.change is None else f"{100 * found.change.value:+.1f}",
            ""
            if found.change is None
            else f"{100 * found.change.low:+.1f} to {100 * found.change.high:+.1f}",
            found.better, found.worse,
        )
        for run, against, found in made.differences()
    ]  # fmt: skip
    if rows:
        columns = ("run", "against", "tasks in both", "points", "95 %", "better at", "worse at")
        screen.print(table("Differences, task by task", columns, rows))


def _show_failures(screen: Console, told: ComparedRun, doing: Behaviour) -> None:
    causes = told.causes
    total = causes.total()
    shared = sum(causes[name] for name in PUBLISHED)
    rows = [
        (
            name, causes[name], _share(causes[name] / total if total else None),
            _share(causes[name] / shared) if name in PUBLISHED and shared else "",
            _share(PUBLISHED.get(name)), EXPLAINED[name],
        )
        for name in CAUSES
    ]  # fmt: skip
    columns = ("cause", "episodes", "of all", "of these four", "paper", "which means")
    screen.print(table(f"{told.name}: {total:,} not rewarded", columns, rows))
    kinds = [
        (name, count, _share(count / doing.steps), _share(PUBLISHED_ACTIONS.get(name)))
        for name, count in _ordered(doing.kinds)
    ]
    screen.print(table("Actions", ("action", "steps", "share", "paper"), kinds))
    after = [(name, count) for name, count in _ordered(doing.after)]
    screen.print(table("After a program that failed", ("next", "times"), after))
    screen.print(
        f"the next program ended well: {_mended(doing.explained)} with debugging before it, "
        f"{_mended(doing.unexplained)} without; {doing.repeated:,} of {doing.steps:,} steps"
        " repeated an earlier one"
    )


def _ordered(counted: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counted.items(), key=lambda item: (-item[1], item[0]))


def _mended(followed: Followed) -> str:
    if followed.share is None:
        return "never asked"
    return f"{followed.share:.1%} of {followed.errors:,}"


def _doing(doing: Behaviour) -> dict[str, object]:
    return {
        **asdict(doing),
        "kinds": dict(_ordered(doing.kinds)),
        "statuses": dict(_ordered(doing.statuses)),
        "errors": dict(_ordered(doing.errors)),
        "after": dict(_ordered(doing.after)),
    }
