"""Messages between a worker and the processes of its services, over a Unix socket."""

from __future__ import annotations

import array
import json
import socket
import struct
from collections.abc import Sequence

from pydantic import JsonValue

SIZE = struct.Struct("!Q")


def send(link: socket.socket, message: JsonValue, body: bytes = b"") -> None:
    """Send a JSON message and bytes."""
    text = json.dumps(message, ensure_ascii=False).encode()
    link.sendall(SIZE.pack(len(text)) + SIZE.pack(len(body)) + text + body)


def receive(link: socket.socket) -> tuple[JsonValue, bytes]:
    """Receive a message and its bytes.

    Raises:
        EOFError: the other side is gone.
    """
    head = exactly(link, 2 * SIZE.size)
    (size,), (length,) = SIZE.unpack(head[: SIZE.size]), SIZE.unpack(head[SIZE.size :])
    message: JsonValue = json.loads(exactly(link, size))
    return message, exactly(link, length)


def exactly(link: socket.socket, size: int) -> bytes:
    """So many bytes."""
    parts = []
    while size:
        part = link.recv(min(size, 1 << 20))
        if not part:
            raise EOFError("the other side is gone")
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def send_sockets(link: socket.socket, sockets: Sequence[socket.socket]) -> None:
    """Hand over open sockets."""
    numbers = array.array("i", [one.fileno() for one in sockets])
    link.sendmsg([b"s"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, numbers)])


def receive_sockets(link: socket.socket, count: int) -> list[socket.socket]:
    """Take over open sockets.

    Raises:
        EOFError: the other side is gone.
    """
    word, numbers, _, _ = socket.recv_fds(link, 1, count)
    if not word or len(numbers) != count:
        raise EOFError("the other side is gone")
    return [socket.socket(fileno=number) for number in numbers]
