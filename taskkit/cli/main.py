"""The entry point of the `taskkit` command."""

from __future__ import annotations

import os
import sys

import click

from taskkit import __version__
from taskkit.cli.audit import audit
from taskkit.cli.build import build
from taskkit.cli.doctor import doctor
from taskkit.cli.images import images
from taskkit.cli.labels import labels
from taskkit.cli.look import domains, show
from taskkit.cli.prove import validate, verify
from taskkit.cli.report import report
from taskkit.cli.stats import stats
from taskkit.errors import TaskkitError

INTERRUPTED = 130  # the shell's convention for SIGINT


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="taskkit")
def cli() -> None:
    """Author biomedical agent tasks, build data sets of them, and prove every instance.

    \b
    Examples:
      taskkit build mimic                       5,000 tasks on an embedded synthetic database
      taskkit build mimic --source /data/mimic-iii --questions ehrsql/mimic_iii --reground
      taskkit validate tasks/mimic              static checks
      taskkit verify tasks/mimic                play every reference in a sandbox
      taskkit audit tasks/mimic                 try to earn a reward without solving anything
      taskkit report tasks/mimic                one page on what is proved and what is not
      taskkit images build                      the images that tasks run in
      taskkit doctor                            what this machine has for sandboxes

    Exit codes: 0 all proved, 1 some failed or were quarantined, 2 usage or input error,
    3 the machine is missing something.
    """


for command in (
    *(build, validate, verify, audit, report, show, stats),
    *(labels, domains, images, doctor),
):
    cli.add_command(command)


def main() -> None:
    """Run the command; a `TaskkitError` becomes one message and its exit code."""
    try:
        status = cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.exceptions.Abort:
        click.echo("interrupted: what was found so far is kept; run it again to go on", err=True)
        sys.exit(INTERRUPTED)
    except TaskkitError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:  # the reader of our output, such as `head`, has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    sys.exit(status if isinstance(status, int) else 0)
