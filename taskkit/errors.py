"""The errors taskkit raises on purpose, one type per party at fault.

    TaskkitError             what happened, where, and what to do
    +-- UsageError           a command or call that cannot be carried out as given   exit 2
    +-- SpecError            a document: YAML, task, manifest, template, domain      exit 2
    +-- SourceError          source data: a table, a row, a question file, an asset  exit 2
    +-- SandboxError         the sandbox failed, whatever the program did            exit 3
    +-- MissingError         the machine lacks something; the message says what      exit 3
    +-- InternalError        a fault of taskkit's own code                           exit 4
    +-- PluginError          a judge, guide, service, examiner or probe of others    exit 2
    +-- AgentError           an agent that cannot be loaded, or raised an error      exit 2
    +-- EndpointError        a model's endpoint failed; says nothing about the model exit 3

A program that fails inside a sandbox is an outcome, never an error of this tree.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar


class TaskkitError(Exception):
    """A failure with a message that a user can act on.

    The message reads *where: what is, with its value: what is needed*.
    """

    exit_code: ClassVar[int] = 2


class UsageError(TaskkitError):
    """A command or call that cannot be carried out as given."""


class SpecError(TaskkitError):
    """A document that is not what its schema says."""


class SourceError(TaskkitError):
    """Source data that cannot be read, or an asset that is not the one named."""


class SandboxError(TaskkitError):
    """A sandbox that failed to run a program; says nothing about the program."""

    exit_code = 3


class MissingError(TaskkitError):
    """Something the machine lacks; the message says what to install."""

    exit_code = 3


class InternalError(TaskkitError):
    """A fault of taskkit's own code; the message says where its traceback is kept."""

    exit_code = 4


def report_bug(what: str, traceback: str) -> str:
    """Keep the traceback of a fault of our own in a file, and say so in one line."""
    folder = Path(os.environ.get("TASKKIT_CACHE", "~/.cache/taskkit")).expanduser() / "bugs"
    name = hashlib.sha256(traceback.encode()).hexdigest()[:12]
    kept = folder / f"{name}.txt"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        kept.write_text(traceback, "utf-8")
    except OSError as error:
        return f"a bug of taskkit: {what} (its traceback could not be kept in {kept}: {error})"
    return f"a bug of taskkit: {what}: please report it, with {kept}"


class PluginError(TaskkitError):
    """Code of others, such as a judge or a service, that raised, hung, or gave what it may not."""


class AgentError(TaskkitError):
    """An agent that cannot be loaded, or that raised an error of its own."""


class EndpointError(TaskkitError):
    """A model's endpoint that failed to answer; says nothing about the model."""

    exit_code = 3


ROOM, DISK = "make room", "look at the disk"
REMEDIES = {
    errno.ENOSPC: ROOM,
    errno.EDQUOT: ROOM,
    errno.EROFS: "name a folder that can be written",
    errno.EIO: DISK,
    errno.EMFILE: "allow more open files (ulimit -n)",
    errno.ENFILE: "allow more open files",
    errno.ENOMEM: "free some memory",
}
SQLITE_REMEDIES = {13: ROOM, 10: f"{ROOM}, or {DISK}", 7: "free some memory"}  # sqlite.org/rescode


def lack(error: BaseException) -> str | None:
    """Say what the machine lacks, and what to do; None where the error is of another kind."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None:
        remedy = SQLITE_REMEDIES.get(code & 0xFF)
        return f"{error}: {remedy}" if remedy else None
    if isinstance(error, OSError) and (remedy := REMEDIES.get(error.errno or 0)):
        return f"{error.strerror}: {remedy}"
    return None


@contextmanager
def blame(kind: type[TaskkitError], what: str) -> Iterator[None]:
    """Raise ``kind`` in place of any foreign error raised inside.

    An error that is already ours passes unchanged: a nearer boundary named it. What the machine
    lacks, such as room on a disk, is a `MissingError`, whoever met it.
    """
    try:
        yield
    except TaskkitError:
        raise
    except Exception as error:
        if lacking := lack(error):
            raise MissingError(f"{what}: {lacking}") from error
        raise kind(f"{what}: {type(error).__name__}: {error}") from error
