"""What every sandbox backend offers: warm workers, fresh sessions, told-apart outcomes.

    worker = backend.worker(Site(image, assets, preload, services))
    with worker.session() as session:                     # one at a time, the fastest
        outcome = session.run(Program("python", code, collect=True), limits)
    with worker.session(concurrent=True) as session:      # many at once, each may wait for long
        pending = session.begin(Program("shell", command), limits)
        outcome = pending.outcome()
        session.services["fhir"].changes()                # what the judge reads

An episode that a model plays opens a concurrent session and keeps it between turns. Some measures,
on Linux 6 with 2 cores: see `docs/sandbox.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from taskkit.sandbox.service import Endpoint, Running
from taskkit.spec.environment import Limits

Status = Literal["ok", "error", "timeout", "out_of_memory", "killed", "output_limit"]
"""How a program ended; a sandbox that failed raises `SandboxError` instead."""


@dataclass(frozen=True, slots=True)
class Program:
    """Something to run in a session."""

    language: Literal["python", "sql", "shell"]
    code: str
    database: str | None = None
    """For SQL: name of the asset to query, below /data."""
    collect: bool = False
    """Bring back the answer document that the program leaves."""
    file: str | None = None
    """Where that is: a path below /workspace. By default Python leaves it in its variable `answer`,
    SQL by its rows, the shell in `answer.json`."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a program ended and what it left; every field comes from untrusted code."""

    status: Status
    stdout: str = ""
    stderr: str = ""
    exit_code: int | None = None
    """Exit code, or minus the signal number; None where it never ended by itself."""
    document: bytes | None = None
    """The answer document, neither parsed nor trusted; None where there is none.

    JSON text, or the bytes of the file that the program named, whatever they are.
    """
    wall_s: float = 0.0
    """Wall-clock seconds of the program."""
    cpu_s: float = 0.0
    """CPU seconds of the program and its children."""
    peak_mib: float = 0.0
    """Largest resident memory of one of its processes, MiB."""


@dataclass(frozen=True)
class Site:
    """What a worker is made for: all instances that share it can share a warm worker."""

    image: str
    assets: Mapping[str, Path] = field(default_factory=dict)
    """Name below /data to the file on the host; mounted read-only."""
    preload: tuple[str, ...] = ()
    """Python modules imported once, before any instance."""
    services: Mapping[str, Endpoint] = field(default_factory=dict)
    """What each session reaches, by name: http://127.0.0.1:<port> of its own, and nothing else."""


class Pending(Protocol):
    """A program that was begun."""

    def outcome(self) -> Outcome:
        """Wait for its end, and kill whatever it left running.

        Raises:
            SandboxError: the sandbox failed; says nothing about the program.
        """
        ...


class Session(Protocol):
    """One instance: its own processes, namespaces and empty /workspace, kept between programs."""

    @property
    def services(self) -> Mapping[str, Running]:
        """The site's services as they are for this session, by name; the first use starts them.

        Raises:
            SandboxError: one did not start.
        """
        ...

    def begin(self, program: Program, limits: Limits) -> Pending:
        """Begin a program; its outcome has to be waited for before the session's next one.

        Raises:
            SandboxError: the sandbox failed; says nothing about the program.
            UsageError: another session of the worker is open, and cannot be beside this one.
        """
        ...

    def run(self, program: Program, limits: Limits) -> Outcome:
        """Run one program to its end, and kill whatever it left running.

        Raises:
            SandboxError: the sandbox failed; says nothing about the program.
        """
        ...


class Worker(Protocol):
    """A warm process server for one site, such as an image with a database.

    It has two kinds of sessions. A plain one is the fastest: a program starts within a millisecond
    or two, and one is open at a time. A concurrent one stays open beside others, for as long as a
    model thinks between programs: `capacity` of them at once, each with its own processes, files
    and network, and each used by one thread at a time. Sessions of a site with services are all
    concurrent. Both kinds may be open in one worker.
    """

    capacity: int
    """Concurrent sessions that may be open at once; 1 where each has a container of its own."""

    queues: bool
    """Several sessions may be open, as long as each begins with SQL and nothing follows it.

    Their programs are run one after another, and the worker need not wait for its host in between.
    """

    def session(self, *, concurrent: bool = False) -> AbstractContextManager[Session]:
        """Open a fresh session; leaving it kills every process of it and drops its files.

        It takes no memory before its first program, or the first use of its services.

        Args:
            concurrent: It stays open beside others, and may be opened from any thread.

        Raises:
            UsageError: `capacity` concurrent sessions are open.
        """
        ...

    def close(self) -> None:
        """End the worker and everything below it; safe to call twice."""
        ...


class Backend(Protocol):
    """A way to isolate programs."""

    name: str
    """`namespace`, `docker` or `subprocess`."""
    isolation: str
    """One line for reports: what stands between a program and the machine."""

    def worker(self, site: Site) -> Worker:
        """Start a warm worker.

        Raises:
            MissingError: the machine lacks what the backend needs.
            SandboxError: the worker did not come up.
        """
        ...
