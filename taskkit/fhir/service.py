"""The kind of service `fhir`: a FHIR server for each episode, forked from a warm parent."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from taskkit.errors import InternalError, SandboxError, SpecError, report_bug
from taskkit.fhir import link
from taskkit.fhir.api import BASE
from taskkit.fhir.moment import interval
from taskkit.oracles.evidence import Change
from taskkit.taskset.digest import file_sha256

START_S = 240.0  # for the parent to be ready, on a machine that is full
REPLY_S = 30.0  # for a child to answer the worker
DEFAULTS: Mapping[str, Any] = {"page": 50, "most": 500, "lenient": False}
StandIn = Callable[[Mapping[str, Any]], "FhirParent"]
STAND_INS: dict[str, StandIn] = {}
"""What is started in place of a store, by its digest, where a process plays with other servers."""


class FhirService:
    """Loads FHIR servers."""

    def prepare(self, data: Path | None, options: Mapping[str, Any]) -> FhirParent:
        """Load a server.

        Args:
            data: A store that `taskkit.fhir.schema.write` wrote.
            options: `now`, the time of the episode; `page` and `most`, the matches on a page;
                `lenient`, to accept resources whose structure is not valid; `port`, as clients see
                it.

        Raises:
            SpecError: an option does not fit.
            SandboxError: the parent did not start.
        """
        if data is None:
            raise SpecError("service fhir: no asset: need a FHIR store")
        chosen = {**DEFAULTS, **checked(options)}
        if STAND_INS:
            return STAND_INS[file_sha256(data)](chosen)
        return FhirParent(data, chosen)


def checked(options: Mapping[str, Any]) -> Mapping[str, Any]:
    """Options that fit.

    Raises:
        SpecError: one is not known, or its value does not fit.
    """
    names = {"now": str, "page": int, "most": int, "lenient": bool, "port": int}
    for name, value in options.items():
        if name not in names or type(value) is not names[name]:
            raise SpecError(
                f"service fhir: options.{name}: {value!r}: need now (text), page, most, port "
                "(whole numbers) or lenient (true or false)"
            )
    try:
        interval(str(options.get("now", "")))
    except ValueError as error:
        raise SpecError(f"service fhir: options.now: {error}") from error
    return options


class FhirParent:
    """A warm process that forks a server for each episode."""

    def __init__(self, data: Path, options: Mapping[str, Any]) -> None:
        self.control, theirs = socket.socketpair()
        settings = json.dumps({**options, "data": str(data.resolve())})
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "taskkit.fhir.process", str(theirs.fileno()), settings],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
        self.control.settimeout(START_S)
        try:
            link.receive(self.control)
        except (EOFError, OSError) as error:
            self.process.kill()
            _, said = self.process.communicate()
            last = said.decode(errors="replace").strip().splitlines()[-1:]
            self.control.close()
            raise SandboxError(f"service fhir: {data}: did not start: {last}") from error

    def start(self, listener: socket.socket) -> FhirRunning:
        """Serve a fresh episode on a listening socket, which the server takes over."""
        ours, theirs = socket.socketpair()
        with theirs, listener:
            try:
                link.send_sockets(self.control, (listener, theirs))
            except OSError as error:
                ours.close()
                raise SandboxError(f"service fhir: its parent is gone: {error}") from error
        return FhirRunning(ours)

    def close(self) -> None:
        """End the parent and with it all episodes."""
        self.control.close()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(1.0)
        self.process.kill()
        self.process.wait()
        if self.process.stderr is not None:
            self.process.stderr.close()


class FhirRunning:
    """The server of one episode."""

    def __init__(self, episode: socket.socket) -> None:
        self.episode = episode
        self.episode.settimeout(REPLY_S)
        self.handle: int | None = None
        """A pidfd of its process, once it has said its number."""
        self.pid: int | None = None
        self.void = False
        """A fault of our own code was raised as an error."""

    def ask(self, message: dict[str, Any]) -> tuple[Any, bytes]:
        """Send a message, and give its answer.

        Raises:
            SandboxError: the server is gone, or does not answer.
            InternalError: it met a fault of its own code.
        """
        try:
            self.hello()
            link.send(self.episode, message)
            return self.receive()
        except (EOFError, OSError) as error:
            raise SandboxError(f"service fhir: no answer from its process: {error}") from error

    def receive(self) -> tuple[Any, bytes]:
        """The next message of the process.

        Raises:
            InternalError: it says that the server met a fault of its own code.
        """
        said, body = link.receive(self.episode)
        if isinstance(said, dict) and "bug" in said:
            self.void = True
            trace = str(said["bug"])
            what = trace.strip().splitlines()[-1][:200]
            raise InternalError(report_bug(f"service fhir: {what}", trace))
        return said, body

    def hello(self) -> None:
        """Wait until the process has said its number."""
        if self.handle is None:
            said, _ = self.receive()
            assert isinstance(said, dict)
            self.pid = int(str(said["pid"]))
            self.handle = os.pidfd_open(self.pid)

    def changes(self) -> list[Change]:
        """What differs from the start, ordered by key."""
        said, _ = self.ask({"op": "changes"})
        found = [Change(**one) for one in said]
        return sorted(found, key=lambda change: change.key)

    def get(self, path: str) -> tuple[int, bytes]:
        """Status and body of a GET, by a path such as `Patient/12` or `metadata`."""
        target = path.strip()
        if not target.startswith(f"{BASE}/"):
            target = f"{BASE}/{target.lstrip('/')}"
        status, body = self.ask({"op": "get", "path": target})
        return int(status), body

    def close(self) -> None:
        """End the server; safe to call twice.

        Raises:
            InternalError: the server met a fault of its own code, and nobody was told yet.
        """
        try:
            while not self.void and self.has_message():
                self.receive()
        except (EOFError, OSError):  # it ended in the midst of a message
            pass
        finally:
            self.end()

    def has_message(self) -> bool:
        """Whether the process has sent what nobody has received."""
        if self.episode.fileno() < 0:
            return False
        self.episode.settimeout(0)
        try:
            return bool(self.episode.recv(1, socket.MSG_PEEK))
        except BlockingIOError:
            return False
        finally:
            self.episode.settimeout(REPLY_S)

    def end(self) -> None:
        """End the process, whatever it said."""
        self.episode.close()
        if self.handle is not None:
            with suppress(OSError):
                signal.pidfd_send_signal(self.handle, signal.SIGKILL)
            os.close(self.handle)
            self.handle = None
