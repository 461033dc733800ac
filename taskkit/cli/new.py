"""`taskkit new`: the files to begin a domain with."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import click

from taskkit.build.domain import HERE, MANIFEST, domains
from taskkit.cli.screen import console
from taskkit.errors import UsageError, blame

NAME = re.compile(r"[a-z][a-z0-9-]{0,40}")
STARTER = "starter"
ENDING = ".txt"  # of the files as they are kept, so that no tool takes them for code of ours


@click.group()
def new() -> None:
    """Write the files to begin something with: `taskkit new domain NAME`."""


@new.command(
    epilog="\b\nExample:\n  taskkit new domain dialysis\n  taskkit build dialysis\n"
    "  taskkit prove tasks/dialysis\n  pytest domains/dialysis"
)
@click.argument("name")
@click.option(
    "--in",
    "parent",
    type=click.Path(path_type=Path),
    default=Path(HERE),
    show_default=True,
    help="Folder of domains to write it to; another one has to be named by TASKKIT_DOMAINS.",
)
def domain(name: str, parent: Path) -> int:
    """Write a domain that works: a manifest, a builder and its contract test."""
    if not NAME.fullmatch(name):
        raise UsageError(f"domain {name!r}: need a name of lower-case letters, digits and hyphens")
    folder = parent / name
    if folder.exists():
        raise UsageError(f"{folder}: there is one already: need another name, or remove it")
    if name in domains():
        raise UsageError(f"domain {name!r}: taskkit has one of this name: need another")
    with blame(UsageError, f"{folder}: cannot be written"):
        folder.mkdir(parents=True)
        for path in sorted((files("taskkit.build") / STARTER).iterdir(), key=lambda one: one.name):
            text = path.read_text("utf-8").replace("NAME", name)
            (folder / path.name.removesuffix(ENDING)).write_text(text, "utf-8")
    screen = console()
    screen.print(f"{folder}: {MANIFEST}, builder.py and test_domain.py")
    if parent != Path(HERE):
        screen.print(f"next: export TASKKIT_DOMAINS={parent}")
    screen.print(f"next: taskkit build {name} && taskkit prove tasks/{name}")
    return 0
