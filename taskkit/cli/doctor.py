"""`taskkit doctor`: what this machine has for sandboxes, and what a server keeps for us."""

from __future__ import annotations

from dataclasses import asdict

import click

from taskkit.cli.screen import CACHE, console, print_json, table
from taskkit.sandbox.engine import availability
from taskkit.sandbox.machine import Fact, examine
from taskkit.sandbox.machine import clean as remove_leftovers
from taskkit.sql.engines.postgres import VARIABLE
from taskkit.sql.engines.postgres_copy import Schemas

NOTHING_SAFE = 3


@click.command(
    epilog="\b\nExamples:\n  taskkit doctor\n  taskkit doctor --clean\n"
    "  taskkit doctor --json | jq .auto"
)
@click.option(
    "--clean",
    is_flag=True,
    help="Remove the containers that runs cut short have left, and the copies in PostgreSQL.",
)
@click.option(
    "--postgres",
    metavar="URL",
    envvar=VARIABLE,
    show_envvar=True,
    help="A server that `verify --cross-check postgres` has made copies in.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
def doctor(postgres: str | None, *, clean: bool, as_json: bool) -> int:
    """Say what this machine has for sandboxes, and what would give it a better one.

    Exits with 3 where nothing safe is available.
    """
    server = Schemas(postgres) if postgres else None
    dropped = server.drop() if clean and server else None
    only_server = server is not None and availability() is not None
    removed = remove_leftovers() if clean and not only_server else None
    machine = examine(CACHE)
    facts = [*machine.facts, *([_copies(server)] if server else [])]
    if as_json:
        document: dict[str, object] = {"auto": machine.auto, "isolation": machine.isolation}
        document |= {"removed": removed, "dropped": dropped}
        print_json(document | {"facts": [asdict(fact) for fact in facts]})
        return 0 if machine.auto else NOTHING_SAFE
    screen = console()
    if removed is not None:
        screen.print(f"{removed} containers removed")
    if dropped is not None:
        screen.print(f"{dropped} copies dropped")
    rows = [(fact.what, fact.state, fact.detail) for fact in facts]
    screen.print(table("This machine", ("what", "state", "found"), rows))
    for fact in facts:
        if fact.steps:
            screen.print(f"{fact.what}:", markup=False)
            for step in fact.steps:
                screen.print(f"  {step}", markup=False, soft_wrap=True)
    if machine.auto:
        screen.print(f"--sandbox auto takes {machine.auto}: {machine.isolation}", soft_wrap=True)
        return 0
    screen.print("nothing safe is available: programs would run without isolation", markup=False)
    return NOTHING_SAFE


def _copies(server: Schemas) -> Fact:
    found = server.found()
    size = sum(one.bytes for one in found) / (1 << 20)
    detail = f"{len(found)} copies of databases, {size:,.0f} MiB"
    return Fact("postgres", "ok", detail, ("taskkit doctor --clean",) if found else ())
