"""What a command's help names is there."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click
import pytest

from taskkit.cli.main import COMMANDS, cli

OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*[a-z]")
ELSEWHERE = {"--limit", "--help", "--version"}  # other names of an option, and what all have


def commands(
    group: click.Group, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Give every command below a group, with the words that name it."""
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        assert command is not None
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


ALL = dict(commands(cli, ()))
NAMED = {" ".join(words): command for words, command in ALL.items()}


def options_of(command: click.Command) -> set[str]:
    """Give the options of a command that its help shows."""
    shown = [one for one in command.params if not getattr(one, "hidden", False)]
    return {opt for one in shown for opt in (*one.opts, *one.secondary_opts)}


def texts(command: click.Command) -> Iterator[str]:
    """Give the lines of a command's help and of its options."""
    for text in (command.help, command.epilog, *(getattr(p, "help", "") for p in command.params)):
        yield from (text or "").splitlines()


@pytest.mark.parametrize("name", sorted(NAMED))
def test_a_help_names_no_option_that_is_not_there(name: str) -> None:
    command = NAMED[name]
    for line in texts(command):
        words = line.split()
        other = None
        if "taskkit" in words:  # the line of an example is held to the command that it types
            typed = words[words.index("taskkit") + 1 :]
            ends = (" ".join(typed[:count]) for count in (3, 2, 1))
            other = next((NAMED[one] for one in ends if one in NAMED), None)
        known = options_of(other or command) | ELSEWHERE
        assert set(OPTION.findall(line)) <= known, line


def test_every_command_is_looked_at() -> None:
    assert set(COMMANDS) <= {words[0] for words in ALL}
    assert {"build medcalc", "build mimic", "images build"} <= set(NAMED)
