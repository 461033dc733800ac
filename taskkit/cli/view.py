"""`taskkit view`: look at a taskset and at runs in a browser."""

from __future__ import annotations

import secrets
import webbrowser
from pathlib import Path

import click

from taskkit.cli.screen import bars, console
from taskkit.errors import UsageError
from taskkit.run.results import SETTINGS, Run
from taskkit.taskset.folder import Taskset, results_folder
from taskkit.view.content import Content
from taskkit.view.index import Index
from taskkit.view.server import Viewer

PORT = 8117


@click.command(
    epilog="\b\nExamples:\n"
    "  taskkit view tasks/mimic\n"
    "  taskkit view tasks/mimic tasks/mimic.results/runs/qwen3-8b --port 9000"
)
@click.argument("path", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("runs", nargs=-1, type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=PORT,
    show_default=True,
    help="Where it listens, on this machine alone; 0 for any free one.",
)
@click.option("--browser/--no-browser", default=True, help="Open the page.")
def view(path: Path, runs: tuple[Path, ...], port: int, *, browser: bool) -> int:  # fmt: skip
    """Show a taskset in a browser: tasks, what was found of them, and trajectories.

    Without RUNS, every run of the taskset is shown. The page needs no network. Where the taskset
    derives from credentialed data, its address holds a secret, since other users of this machine
    could ask for it as well.
    """
    path = path.resolve()
    taskset = Taskset(path)
    found = runs or tuple(
        sorted(one.parent for one in (results_folder(path) / "runs").glob(f"*/{SETTINGS}"))
    )
    opened = [Run.open(folder.resolve()) for folder in found]
    with bars(shown=True) as progress:
        index = Index.open(taskset, lambda done, total: progress("index", done, total))
    closed = any(one.access == "credentialed" for one in taskset.manifest.sources)
    try:
        viewer = Viewer(
            Content(index, opened), port=port, secret=secrets.token_urlsafe(12) if closed else ""
        )
    except OSError as error:
        raise UsageError(f"--port {port}: {error.strerror}: need a free one, or 0") from error
    console().print(f"{viewer.url}  (ctrl-c ends it)", soft_wrap=True, markup=False)
    if browser:
        webbrowser.open(viewer.url)
    try:
        viewer.serve()
    except KeyboardInterrupt:
        return 0
    finally:
        viewer.server.server_close()
        index.close()
    return 0
