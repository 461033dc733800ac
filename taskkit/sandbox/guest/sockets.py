"""What the sockets of a session's network hold unread: memory of the kernel's, of no process.

The kernel tells by its socket diagnostics; their forms are those of linux/unix_diag.h and
linux/inet_diag.h.
"""

from __future__ import annotations

import _socket
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_NETLINK, _SOCK_DIAG, _BY_FAMILY = 16, 4, 20
_REQUEST_DUMP = 0x301
_ERROR, _DONE = 2, 3
_HEAD = struct.Struct("=IHHII")
_ATTRIBUTE = struct.Struct("=HH")
_MEMORY = struct.Struct("=9I")
_AF_UNIX, _AF_INET, _TCP, _UDP = 1, 2, 6, 17
_ALL = 0xFFFFFFFF  # states
_SHOWN = {_AF_UNIX: (16, 5), _AF_INET: (72, 7)}
"""By family, the size of what comes before a socket's attributes, and that of its memory."""
_UNIX = struct.pack("=BBHIIIII", _AF_UNIX, 0, 0, _ALL, 0, 0x20, 0, 0)
_INET = tuple(
    struct.pack("=BBBBI48x", _AF_INET, protocol, 1 << 6, 0, _ALL) for protocol in (_TCP, _UDP)
)
_BUFFER = 1 << 18
_MOST = 2 * 212_992  # bytes that one socket may hold, as Linux is set up
_TABLE = "/proc/self/net/unix"


def held(*, networked: bool) -> int:
    """The bytes that wait in sockets; with ``networked``, in those of the internet too."""
    try:
        return sum(map(_dump, (_UNIX, *_INET) if networked else (_UNIX,)))
    except OSError:  # a kernel without diagnostics: what the sockets there are could hold
        with open(_TABLE, "rb") as file:
            return _MOST * (file.read().count(b"\n") - 1)


def _dump(request: bytes) -> int:
    """Ask for all sockets of a family."""
    link = _socket.socket(_NETLINK, _socket.SOCK_RAW, _SOCK_DIAG)
    try:
        link.settimeout(1)
        link.send(_HEAD.pack(_HEAD.size + len(request), _BY_FAMILY, _REQUEST_DUMP, 1, 0) + request)
        total = 0
        while True:
            for kind, body in _messages(link.recv(_BUFFER)):
                if kind == _DONE:
                    return total
                if kind == _ERROR:
                    raise OSError("no diagnostics of sockets")
                total += _memory(body)
    finally:
        link.close()


def _messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(data):
        size, kind, *_ = _HEAD.unpack_from(data, at)
        yield kind, data[at + _HEAD.size : at + size]
        at += _aligned(size)


def _memory(body: bytes) -> int:
    at, wanted = _SHOWN[body[0]]
    while at + _ATTRIBUTE.size <= len(body):
        size, kind = _ATTRIBUTE.unpack_from(body, at)
        if kind & 0x7FFF == wanted:
            received, _, sent, *_, backlog, _ = _MEMORY.unpack_from(body, at + _ATTRIBUTE.size)
            return int(received + sent + backlog)
        at += _aligned(size)
    return 0


def _aligned(size: int) -> int:
    return size + 3 & ~3
