"""The network of a session: a loopback of its own, and the sockets that services listen on."""

from __future__ import annotations

import _socket
import array
import fcntl
import os
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

HOST = "127.0.0.1"
BACKLOG = 128
_SIOCSIFFLAGS = 0x8914
_IFF_UP, _IFF_RUNNING = 0x1, 0x40
_IFREQ = struct.Struct("16sh22x")
_FD = array.array("i", [0]).itemsize


def raise_loopback() -> None:
    """Switch on the loopback of this process's network, which has nothing else."""
    asked = _IFREQ.pack(b"lo", _IFF_UP | _IFF_RUNNING)
    link = _socket.socket(_socket.AF_INET, _socket.SOCK_DGRAM)
    try:
        fcntl.ioctl(link.fileno(), _SIOCSIFFLAGS, asked)
    finally:
        link.close()


def listen(ports: Sequence[int]) -> list[_socket.socket]:
    """Sockets that listen on ``ports`` of the loopback.

    Raises:
        OSError: one of them is taken; the message says which.
    """
    made = []
    for port in ports:
        listener = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
        listener.setsockopt(_socket.SOL_SOCKET, _socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError as error:
            raise OSError(
                error.errno, f"port {port} of {HOST}: {os.strerror(error.errno or 0)}"
            ) from None
        listener.listen(BACKLOG)
        made.append(listener)
    return made


def pair(*, whole: bool = False) -> tuple[int, int]:
    """Two ends of a socket, as descriptors, which no process can open again by /proc.

    Args:
        whole: What is sent at once is received at once, whoever else sends.
    """
    kind = _socket.SOCK_SEQPACKET if whole else _socket.SOCK_STREAM
    one, other = _socket.socketpair(_socket.AF_UNIX, kind)
    return one.detach(), other.detach()


def send(to: int, data: bytes, fds: Sequence[int]) -> None:
    """Send bytes by a socket, and descriptors with them."""
    link = _socket.socket(fileno=os.dup(to))
    rights = [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
    try:
        link.sendmsg([data], rights)
    finally:
        link.close()


def receive(source: int, size: int, count: int) -> tuple[bytes, list[int]]:
    """Receive bytes by a socket, and the descriptors that come with them, at most ``count``."""
    link = _socket.socket(fileno=os.dup(source))
    try:
        data, rights, _, _ = link.recvmsg(size, _socket.CMSG_SPACE(count * _FD))
    finally:
        link.close()
    fds: list[int] = []
    for level, kind, packed in rights:
        if (level, kind) == (_socket.SOL_SOCKET, _socket.SCM_RIGHTS):
            fds += array.array("i", packed[: len(packed) - len(packed) % _FD])
    return data, fds


def call(path: str) -> int:
    """A connection to the host's socket at ``path``; -1 where nobody listens there."""
    link = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        link.connect(path)
    except OSError:
        link.close()
        return -1
    return link.detach()
