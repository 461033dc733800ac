"""The options that several commands have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from taskkit.cli.screen import JOBS

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

PATH: Final = click.Path(path_type=Path, exists=True)
jobs: Final = click.option("--jobs", type=click.IntRange(1), default=JOBS, show_default=True)
unsafe: Final = click.option("--unsafe", is_flag=True, help="Allow a sandbox without isolation.")
repeats: Final = click.option(
    "-k",
    "--repeats",
    type=click.IntRange(1),
    default=2,
    show_default=True,
    help="Fresh sandboxes in which each reference must pass, with the same answer.",
)


class Place(click.ParamType[Any]):
    """A file or folder that is there, or a server's URL, which stays a text."""

    name = "path or url"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Path | str:
        """A path, or the text of a URL."""
        if isinstance(value, str) and value.startswith(("http://", "https://")):
            return value
        found: Path = PATH.convert(value, param, ctx)
        return found


def source(place: Path | str | None) -> dict[str, Any]:
    """What an order says of a source."""
    return {"address": place} if isinstance(place, str) else {"source": place}


def sandbox(*more: str) -> Decorator:
    """What isolates the programs; some commands take more kinds than others."""
    return click.option(
        "--sandbox",
        type=click.Choice(["auto", *more, "namespace", "subprocess"]),
        default="auto",
        show_default=True,
        help="What isolates the programs.",
    )


def filters(measured: str = "") -> Decorator:
    """Which tasks; ``measured`` says what an audit has found that may be asked for too."""
    too = f", or by what an audit has measured{measured}" if measured else ""
    return click.option(
        "--filter",
        "filters",
        multiple=True,
        metavar="FIELD=PATTERN",
        help=f"Only these, by id, split or category{too}; may be given again.",
    )
