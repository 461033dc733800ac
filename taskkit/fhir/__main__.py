"""`python -m taskkit.fhir STORE`: serve a store by hand, and print what was changed in the end."""

from __future__ import annotations

import json
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from types import FrameType

import click

from taskkit.errors import TaskkitError
from taskkit.fhir.service import FhirService
from taskkit.fhir.synthetic.record import TODAY


@click.command()
@click.argument("store", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--port", default=8080, show_default=True, help="On 127.0.0.1.")
@click.option("--now", default=TODAY.isoformat(), show_default=True, help="The clock.")
@click.option("--page", default=10, show_default=True, help="Matches on a page.")
def serve(store: Path, port: int, now: str, page: int) -> None:
    """Serve a copy of STORE until Ctrl-C; then print what differs, as JSON."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
        parent = FhirService().prepare(store, {"now": now, "port": port, "page": page})
    except (OSError, TaskkitError) as error:
        click.echo(f"taskkit.fhir: {error}", err=True)
        sys.exit(2)
    running = parent.start(listener)
    click.echo(f"http://127.0.0.1:{port}/fhir", err=True)
    signal.signal(signal.SIGTERM, stop)
    with suppress(KeyboardInterrupt):
        signal.pause()
    found = [{"op": one.op, "key": one.key, "after": one.after} for one in running.changes()]
    click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    running.close()
    parent.close()


def stop(number: int, frame: FrameType | None) -> None:
    """End as Ctrl-C does."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    serve()
