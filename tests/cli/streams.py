"""Runs commands, each in a process of its own, with a standard output that takes nothing."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path

import click

from taskkit.cli.main import cli, main


def put_in_place(output: str) -> None:
    """Have standard output be a full disk, nowhere, closed, or a pipe whose reader has left."""
    sys.stdout = None
    os.close(1)
    if output == "closed":
        return
    if output in ("full", "null"):
        os.open(f"/dev/{output}", os.O_WRONLY)
    else:
        reader, writer = os.pipe()
        os.dup2(writer, 1)
        for other in {reader, writer} - {1}:
            os.close(other)
    sys.stdout = io.TextIOWrapper(io.FileIO(1, "w", closefd=False), "utf-8")


def run(words: list[str], output: str, errors: Path) -> int:
    """Run a command in a child; give how it ended as a shell would see it."""
    child = os.fork()
    if not child:
        os.dup2(os.open(errors, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
        sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False)
        put_in_place(output)
        sys.argv = ["taskkit", *words]
        code: object = 99
        try:
            main()
        except SystemExit as end:
            code = end.code
        try:
            sys.stdout.flush()
        except OSError:  # as the interpreter would at its end
            code = 120
        os._exit(code if isinstance(code, int) else 98)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    ended = []
    for name in cli.list_commands(click.Context(cli)):  # loaded once, for all children
        cli.get_command(click.Context(cli), name)
    for words, outputs in json.loads(sys.stdin.read()):
        for output in outputs:
            errors = Path(f"errors-{output}")
            code = run(words, output, errors)
            ended.append([words, output, code, errors.read_text("utf-8", "replace")])
    sys.stdout.write(json.dumps(ended))
