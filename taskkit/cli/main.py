"""The entry point of the `taskkit` command."""

from __future__ import annotations

import io
import os
import sys
import traceback
from importlib import import_module

import click

from taskkit import __version__
from taskkit.errors import InternalError, MissingError, TaskkitError, report_bug

INTERRUPTED = 130  # the shell's convention for SIGINT


COMMANDS = {
    "new": "new",
    **{
        "build": "build",
        "prove": "prove",
        "validate": "validate",
        "verify": "verify",
        "audit": "audit",
    },
    **{"report": "report", "show": "look", "list": "look", "stats": "stats", "labels": "labels"},
    **{"run": "run", "compare": "compare", "trajectories": "trajectories", "view": "view"},
    **{"domains": "look", "images": "images", "doctor": "doctor", "realism": "realism"},
    "timeline": "timeline",
}
"""The module, below `taskkit.cli`, that each command is in."""
NAMED = {"list": "listing"}  # functions that cannot be called as their command


class Commands(click.Group):
    """Loads a command when it is asked for: some bring large libraries along."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the names in the order of a task set's life."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Give a command; None where there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"taskkit.cli.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, NAMED.get(cmd_name, cmd_name))
        return command


@click.group(
    cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="taskkit")
def cli() -> None:
    """Author biomedical agent tasks, build data sets of them, and prove every instance.

    \b
    Examples:
      taskkit build mimic                       5,000 tasks on an embedded synthetic database
      taskkit build mimic --source /data/mimic-iii --questions ehrsql/mimic_iii --reground
      taskkit prove tasks/mimic                 validate, verify and audit: how many are proved
      taskkit validate tasks/mimic              static checks
      taskkit verify tasks/mimic                play every reference in a sandbox
      taskkit audit tasks/mimic                 try to earn a reward without solving anything
      taskkit report tasks/mimic                one page on what is proved and what is not
      taskkit images build                      the images that tasks run in
      taskkit doctor                            what this machine has for sandboxes

    Exit codes: 0 done and all as it should be, 1 some failed or were quarantined, 2 usage or
    input error, 3 the machine is missing something, 4 a bug of taskkit.
    """


def main() -> None:
    """Run the command; a `TaskkitError` becomes one message and its exit code."""
    _open_streams()
    try:
        status = _status()
    except KeyboardInterrupt:  # a second ctrl-c, while the first one's is being put in order
        status = INTERRUPTED
    sys.exit(status)


def _status() -> int:
    """Run the command, and give its exit code."""
    try:
        _require_here()
        status = cli.main(standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.exceptions.Abort:
        click.echo("interrupted: what was found so far is kept; run it again to go on", err=True)
        return INTERRUPTED
    except TaskkitError as error:
        click.echo(f"error: {error}", err=True)
        return error.exit_code
    except (BrokenPipeError, SystemExit):  # the reader of our output, such as `head`, has gone
        _drop_output()
        return 0
    except OSError as error:  # a full disk, an output that is closed, a folder that has gone
        _drop_output()
        click.echo(f"error: {_told(error)}", err=True)
        return MissingError.exit_code
    except Exception as error:
        what = f"{type(error).__name__}: {error}"
        click.echo(f"error: {report_bug(what, traceback.format_exc())}", err=True)
        return InternalError.exit_code
    return status if isinstance(status, int) else 0


def _require_here() -> None:
    """Raise a `MissingError` where the working folder has been deleted: workers begin in it."""
    try:
        os.getcwd()  # noqa: PTH109  # what Path.cwd calls, without its import
    except FileNotFoundError as error:
        raise MissingError(
            "the working folder has been deleted: cd to one that is there"
        ) from error


def _told(error: OSError) -> str:
    """Say what the system refused, and what is needed."""
    place = f"{error.filename}: " if error.filename else ""
    if place and isinstance(error, FileNotFoundError):
        return f"{place}{error.strerror}: need it to stay there while a command runs"
    return f"{place}{error.strerror or error}: need room and the right"


def _open_streams() -> None:
    """Open what the caller has closed of the standard streams, so that no file takes its place."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest that is free: this one
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, "w" if number else "r", closefd=False))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a path may be no text, or no ASCII
            stream.reconfigure(errors="backslashreplace")


def _drop_output() -> None:
    """Let what is still to be written go nowhere: it cannot be written at the end either."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
