"""Frames between the host and a sandbox: fixed fields, then texts of the lengths they give.

A request starts with one byte of its own, and that of a lone query with two times behind it; the
worker server reads no more than that: what an instance sends never enters the memory that later
instances are forked from. The fields are packed
by `struct`, since a JSON decoder would touch more memory than the rest of a small program's start,
and the kernel copies each touched page for each session.
"""

from __future__ import annotations

import os
import select
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

RUN, CLOSE, LONE = b"R", b"C", b"L"
"""First byte of a request: run a program in the open session, or in a new one; end the session;
run a query by itself, outside of any session."""
STREAM = b"S"
"""Sent to the server with the stream of a session that is to be open beside others."""
CAPACITY = 64
"""Sessions that one server may have open beside each other."""

LANGUAGES = ("python", "sql", "shell")
STATUSES = ("ok", "error", "timeout", "out_of_memory", "killed", "output_limit")
READY, FAILURE = 254, 255
"""In the place of a status: the worker is ready; the sandbox failed, and stderr says how."""

_TIMES = struct.Struct("=2d")
_REQUEST = struct.Struct("=BBH2d4I3I")
_REPLY = struct.Struct("=BBBi3d3I")
_CHUNK = 1 << 16


class ClosedError(Exception):
    """The other side is gone."""


def read_exactly(fd: int, size: int) -> bytes:
    """Return the next ``size`` bytes.

    Raises:
        ClosedError: the stream ended before.
    """
    data = os.read(fd, min(size, _CHUNK))
    if len(data) == size:
        return data
    parts = [data]
    left = size - len(data)
    while left and data:
        data = os.read(fd, min(left, _CHUNK))
        parts.append(data)
        left -= len(data)
    if left:
        raise ClosedError("end of stream")
    return b"".join(parts)


def waits(fd: int) -> bool:
    """Tell whether something can be read at once, be it the end of the stream."""
    return bool(select.select([fd], [], [], 0)[0])


def write(fd: int, frame: bytes) -> None:
    """Write all of a frame."""
    view = memoryview(frame)
    while view:
        view = view[os.write(fd, view) :]


def request(
    language: str,
    database: str,
    code: bytes,
    limits: dict[str, Any],
    *,
    collect: bool,
    file: str = "",
    beside: int = 0,
) -> bytes:
    """Return a request to run ``code``, without its first byte.

    Args:
        language: One of `LANGUAGES`.
        database: The asset of a query.
        code: The program.
        limits: Values of `LIMITS`.
        collect: Bring back the answer document.
        file: Where that is, below /workspace; empty where the language says.
        beside: Sessions that are open in the server.
    """
    texts = (database.encode(), file.encode(), code)
    fields = (limits[key] for key in LIMITS)
    head = _REQUEST.pack(LANGUAGES.index(language), collect, beside, *fields, *map(len, texts))
    return head + b"".join(texts)


def lone(wall_s: float, cpu_s: float) -> bytes:
    """Return what stands before the request of a lone query."""
    return LONE + _TIMES.pack(wall_s, cpu_s)


def read_times(fd: int) -> tuple[float, float]:
    """Return wall and CPU seconds of a lone query, whose first byte was read.

    Raises:
        ClosedError: the stream ended.
    """
    wall_s, cpu_s = _TIMES.unpack(read_exactly(fd, _TIMES.size))
    return wall_s, cpu_s


LIMITS = ("wall_s", "cpu_s", "memory_mib", "processes", "disk_mib", "output_kib")


def read_request(fd: int) -> tuple[dict[str, Any], bytes]:
    """Return the next request, and the program's code.

    Raises:
        ClosedError: the stream ended.
    """
    fields = _REQUEST.unpack(read_exactly(fd, _REQUEST.size))
    language, collect, beside, wall, cpu, memory, processes, disk, output, *sizes = fields
    name, file, _ = sizes
    text = read_exactly(fd, sum(sizes)) if any(sizes) else b""
    limits = {
        "wall_s": wall,
        "cpu_s": cpu,
        "memory_mib": memory,
        "processes": processes,
        "disk_mib": disk,
        "output_kib": output,
    }
    asked = {
        "language": LANGUAGES[language],
        "collect": collect,
        "database": text[:name].decode(),
        "file": text[name : name + file].decode(),
        "limits": limits,
        "beside": beside,
    }
    return asked, text[name + file :]


def reply(outcome: dict[str, Any], stdout: bytes, stderr: bytes, document: bytes | None) -> bytes:
    """Return the frame of an outcome."""
    code = outcome["exit_code"]
    found = document is not None
    head = _REPLY.pack(
        STATUSES.index(outcome["status"]),
        code is not None,
        found,
        code or 0,
        outcome["wall_s"],
        outcome["cpu_s"],
        outcome["peak_mib"],
        len(stdout),
        len(stderr),
        len(document) if document is not None else 0,
    )
    return head + stdout + stderr + (document or b"")


def notice(kind: int, text: str = "") -> bytes:
    """Return a frame that is no outcome: `READY`, or `FAILURE` with what failed."""
    said = text.encode()
    return _REPLY.pack(kind, 0, 0, 0, 0.0, 0.0, 0.0, 0, len(said), 0) + said


REPLY_SIZE = _REPLY.size


def reply_head(head: bytes) -> tuple[int, dict[str, Any], tuple[int, int, int]]:
    """Return the kind of a reply, its fields, and how long stdout, stderr and document are.

    Raises:
        ClosedError: it is no reply of ours.
    """
    kind, ended, found, code, wall, cpu, peak, *sizes = _REPLY.unpack(head)
    if kind >= len(STATUSES) and kind not in (READY, FAILURE):
        raise ClosedError("no reply of ours")
    fields = {
        "status": STATUSES[kind] if kind < len(STATUSES) else "",
        "exit_code": code if ended else None,
        "document": bool(found),
        "wall_s": wall,
        "cpu_s": cpu,
        "peak_mib": peak,
    }
    return kind, fields, (sizes[0], sizes[1], sizes[2])
