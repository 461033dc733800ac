"""`taskkit doctor`: what this machine has for sandboxes."""

from __future__ import annotations

from dataclasses import asdict

import click

from taskkit.cli.screen import CACHE, console, print_json, table
from taskkit.sandbox.machine import clean as remove_leftovers
from taskkit.sandbox.machine import examine

NOTHING_SAFE = 3


@click.command(
    epilog="\b\nExamples:\n  taskkit doctor\n  taskkit doctor --clean\n"
    "  taskkit doctor --json | jq .auto"
)
@click.option(
    "--clean",
    is_flag=True,
    help="Remove the containers that runs cut short have left.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
def doctor(*, clean: bool, as_json: bool) -> int:
    """Say what this machine has for sandboxes, and what would give it a better one.

    Exits with 3 where nothing safe is available.
    """
    removed = remove_leftovers() if clean else None
    machine = examine(CACHE)
    if as_json:
        document: dict[str, object] = {"auto": machine.auto, "isolation": machine.isolation}
        document |= {"removed": removed, "facts": [asdict(fact) for fact in machine.facts]}
        print_json(document)
        return 0 if machine.auto else NOTHING_SAFE
    screen = console()
    if removed is not None:
        screen.print(f"{removed} containers removed")
    rows = [(fact.what, fact.state, fact.detail) for fact in machine.facts]
    screen.print(table("This machine", ("what", "state", "found"), rows))
    for fact in machine.facts:
        if fact.steps:
            screen.print(f"{fact.what}:", markup=False)
            for step in fact.steps:
                screen.print(f"  {step}", markup=False, soft_wrap=True)
    if machine.auto:
        screen.print(f"--sandbox auto takes {machine.auto}: {machine.isolation}", soft_wrap=True)
        return 0
    screen.print("nothing safe is available: programs would run without isolation", markup=False)
    return NOTHING_SAFE
