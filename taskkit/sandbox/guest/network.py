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


def hand_over(to: int, frame: bytes, sockets: Sequence[_socket.socket]) -> None:
    """Send a frame with sockets to the host, and keep none of them."""
    stream = _socket.socket(fileno=os.dup(to))
    numbers = array.array("i", [one.fileno() for one in sockets])
    rights = [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, numbers)] if sockets else []
    stream.sendmsg([frame], rights)
    for one in (*sockets, stream):
        one.close()


def call(path: str) -> int:
    """A connection to the host's socket at ``path``; -1 where nobody listens there."""
    link = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        link.connect(path)
    except OSError:
        link.close()
        return -1
    return link.detach()


def take_stream(control: int) -> int:
    """The stream of a session that the host opens; -1 where the host is gone."""
    link = _socket.socket(fileno=os.dup(control))
    try:
        _, rights, _, _ = link.recvmsg(1, _socket.CMSG_SPACE(_FD))
    finally:
        link.close()
    for level, kind, data in rights:
        if (level, kind) == (_socket.SOL_SOCKET, _socket.SCM_RIGHTS):
            return int(array.array("i", data[:_FD])[0])
    return -1
