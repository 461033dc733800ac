"""The processes of a service: a warm parent that forks one child for each episode.

Started as `python -m taskkit.fhir.process FD JSON` by `service.py`; the parent ends when the worker
closes its end of the socket, a child when its own link is closed.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import json
import os
import signal
import socket
import sys
import traceback
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from taskkit.fhir import link, validation
from taskkit.fhir.api import Api, http_date
from taskkit.fhir.exchange import Request
from taskkit.fhir.http import Connection, Site
from taskkit.fhir.moment import interval
from taskkit.fhir.parameters import types
from taskkit.fhir.store import Store

LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1  # of prctl: the child ends with its parent
MOST_SAID = 20_000  # characters of a traceback; they fit the buffer of a socket
WARM = ("Patient", "Observation", "Condition", "MedicationRequest", "ServiceRequest")
"""Types whose validation is tried once before the first fork."""


def main(number: str, text: str) -> None:
    """Load, then fork a child for every pair of sockets that the worker sends."""
    control = socket.socket(fileno=int(number))
    options: dict[str, Any] = json.loads(text)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warm(Path(options["data"]), options)
    gc.collect()
    gc.freeze()
    spare = fork(control, options)
    link.send(control, {"ready": True})
    while True:
        try:
            sockets = link.receive_sockets(control, 2)
        except (EOFError, ConnectionError):
            return
        link.send_sockets(spare, sockets)
        for one in (spare, *sockets):
            one.close()
        spare = fork(control, options)


def fork(control: socket.socket, options: Mapping[str, Any]) -> socket.socket:
    """Fork a child that waits for the sockets of its episode; what to send them on.

    One child always waits, so that an episode does not wait for its fork.
    """
    ours, theirs = socket.socketpair()
    if os.fork() == 0:
        control.close()
        ours.close()
        serve(theirs, options)
    theirs.close()
    return ours


def warm(data: Path, options: Mapping[str, Any]) -> None:
    """Import and run once what every episode uses."""
    store = Store(data, now=interval(options["now"])[0])
    api = api_of(store, options, 80)
    for type_ in types():
        validation.model(type_)
    for type_ in WARM:
        body = json.dumps({"resourceType": type_, "status": "final"}).encode()
        api.answer(Request("POST", f"/fhir/{type_}/$validate", {}, body))
        api.answer(Request("GET", f"/fhir/{type_}?_count=1&_sort=-_lastUpdated"))
    api.answer(Request("GET", "/fhir/metadata"))
    store.close()


def api_of(store: Store, options: Mapping[str, Any], port: int) -> Api:
    """The interface with a service's options."""
    return Api(
        store,
        address=f"http://127.0.0.1:{options.get('port', port)}/fhir",
        size=int(options["page"]),
        most=int(options["most"]),
        lenient=bool(options["lenient"]),
    )


def serve(handed: socket.socket, options: Mapping[str, Any]) -> None:
    """Wait for an episode, and serve it until its link is closed; the process ends here."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    code = 1
    try:
        now = interval(options["now"])[0]
        store = Store(Path(options["data"]), now=now)
        with asyncio.Runner() as runner:
            running = runner.get_loop()
            listener, episode = link.receive_sockets(handed, 2)
            api = api_of(store, options, port_of(listener))
            running.run_until_complete(loop(listener, episode, api, http_date(now)))
        code = 0
    except (EOFError, KeyboardInterrupt):
        code = 0
    finally:
        os._exit(code)


def port_of(listener: socket.socket) -> int:
    """The port that a socket listens on; 80 for a Unix socket."""
    return int(listener.getsockname()[1]) if listener.family == socket.AF_INET else 80


class Reporter:
    """Sends the worker a fault of our own, the first one of an episode."""

    def __init__(self, episode: socket.socket) -> None:
        self.episode = episode
        self.silent = False

    def report(self, traceback: str) -> None:
        """Send a traceback, unless one was sent: the episode is void already."""
        if not self.silent:
            self.silent = True
            with suppress(OSError):  # the worker has closed the episode
                link.send(self.episode, {"bug": traceback[-MOST_SAID:]})

    def unhandled(self, loop: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:
        """Report what no handler of a connection caught; a socket that failed is no fault."""
        error = context.get("exception")
        if not isinstance(error, OSError):
            said = traceback.format_exception(error) if error else [str(context["message"])]
            self.report("".join(said))


async def loop(listener: socket.socket, episode: socket.socket, api: Api, date: str) -> None:
    """Answer clients and the worker."""
    running = asyncio.get_running_loop()
    done = asyncio.Event()
    reporter = Reporter(episode)
    site = Site(api.answer, date, reporter.report)
    running.set_exception_handler(reporter.unhandled)
    listener.setblocking(False)
    start = (
        running.create_unix_server if listener.family == socket.AF_UNIX else running.create_server
    )
    server = await cast(Any, start)(lambda: Connection(site), sock=listener, backlog=1024)
    link.send(episode, {"pid": os.getpid()})
    running.add_reader(episode, respond, episode, api, done)
    await done.wait()
    server.close()


def respond(episode: socket.socket, api: Api, done: asyncio.Event) -> None:
    """Answer one message of the worker."""
    try:
        message, _ = link.receive(episode)
        assert isinstance(message, dict)
        if message["op"] == "changes":
            link.send(episode, cast(Any, [asdict(one) for one in api.store.differences()]))
        else:
            answer = api.answer(Request("GET", str(message["path"])))
            link.send(episode, answer.status, answer.body)
    except (EOFError, OSError):
        done.set()


if __name__ == "__main__":
    main(*sys.argv[1:])
