"""Frames between the host and a sandbox: a JSON header and the blobs it counts.

A request starts with one byte of its own, the only one that the worker server reads: what an
instance sends never enters the memory that later instances are forked from.
"""

from __future__ import annotations

import json
import os
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

RUN, CLOSE = b"R", b"C"
"""First byte of a request: run a program in the open session, or in a new one; end the session."""

_LENGTH = struct.Struct("!I")


class ClosedError(Exception):
    """The other side is gone."""


def read_exactly(fd: int, size: int) -> bytes:
    """Return the next ``size`` bytes.

    Raises:
        ClosedError: the stream ended before.
    """
    parts = []
    while size:
        part = os.read(fd, min(size, 1 << 20))
        if not part:
            raise ClosedError("end of stream")
        parts.append(part)
        size -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def pack(head: dict[str, Any], *blobs: bytes) -> bytes:
    """Return one frame."""
    text = json.dumps(head | {"blobs": [len(blob) for blob in blobs]}).encode()
    return b"".join((_LENGTH.pack(len(text)), text, *blobs))


def write(fd: int, frame: bytes) -> None:
    """Write all of a frame."""
    view = memoryview(frame)
    while view:
        view = view[os.write(fd, view) :]


def read(fd: int) -> tuple[dict[str, Any], list[bytes]]:
    """Return the next frame: its header and its blobs.

    Raises:
        ClosedError: the stream ended.
    """
    (length,) = _LENGTH.unpack(read_exactly(fd, _LENGTH.size))
    head = header(read_exactly(fd, length))
    return head, [read_exactly(fd, size) for size in head["blobs"]]


def header(text: bytes) -> dict[str, Any]:
    """Return the header that ``text`` is."""
    found: dict[str, Any] = json.loads(text)
    return found
