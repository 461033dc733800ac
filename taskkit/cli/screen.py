"""What the commands share on the screen: progress on a terminal, tables, and JSON for programs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

JOBS = os.cpu_count() or 1
CACHE = Path("~/.cache/taskkit").expanduser()


def console(*, error: bool = False) -> Console:
    """Give the screen; piped output is wide and plain."""
    stream = sys.stderr if error else sys.stdout
    return Console(file=stream, width=None if stream.isatty() else 120, highlight=False)


def print_json(value: object) -> None:
    """Print one JSON document on standard output."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


class Bars:
    """Bars on standard error, one for each thing going on."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._bars: dict[str, TaskID] = {}

    def __call__(self, what: str, done: int, total: int | None) -> None:
        """Show how far ``what`` is."""
        if what not in self._bars:
            for bar in self._bars.values():
                self._progress.stop_task(bar)
            self._bars[what] = self._progress.add_task(what, total=total)
        self._progress.update(self._bars[what], completed=done, total=total)


@contextmanager
def bars(*, shown: bool) -> Iterator[Bars]:
    """Show progress while inside; nothing where ``shown`` is false or nobody looks."""
    columns: Sequence[Any] = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TaskProgressColumn(show_speed=True),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    screen = console(error=True)
    with Progress(*columns, console=screen, disable=not (shown and screen.is_terminal)) as progress:
        yield Bars(progress)


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> Table:
    """Make a table; numbers stand right."""
    made = Table(title=title, title_justify="left", header_style="bold")
    for position, name in enumerate(columns):
        numbers = bool(rows) and all(isinstance(row[position], int | float) for row in rows)
        made.add_column(name, justify="right" if numbers else "left", overflow="fold")
    for row in rows:
        made.add_row(*(f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row))
    return made


def counts(values: Mapping[str, int]) -> list[tuple[str, int]]:
    """Give names with their counts, largest first."""
    return sorted(values.items(), key=lambda item: (-item[1], item[0]))
