"""A query by itself: process 1 of namespaces of its own, and the only process in them.

A query leaves no files and starts no processes, so nothing of an instance need outlive it and
nobody need clean up behind it. One fork does for what takes a session two.
"""

from __future__ import annotations

import os
import resource
import signal
import time

from taskkit.sandbox.guest import cell, program, wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

    from taskkit.sandbox.guest.cell import Cell

MARK_FD, BODY_FD = program.ANSWER_FD, program.ANSWER_FD + 1


def run(place: Cell, mark: int, body: int) -> NoReturn:
    """Turn this fresh fork into the query that the host asks for; never returns.

    What it gives is written to ``body``, behind room for a reply's head; the head goes to ``mark``,
    last and at once. A head that never comes tells that the process did not end by itself.
    """
    try:
        request, code = wire.read_request(0)
        place.open(request["limits"])
        place.bind(request["limits"])
        opened = place.opened.get(request["database"])
        keep = opened.fd if opened else cell.NO_FD
        cell.lock(place, (place.null, place.null, mark, body), request, keep=keep)
        _bound_files(request["limits"])
        os.pwrite(BODY_FD, program.LOCKED, 0)
    except (OSError, ValueError) as error:
        os.pwrite(body, f"could not lock the program in: {error}".encode(), wire.REPLY_SIZE)
        os._exit(cell.LOCK_FAILED)
    except wire.ClosedError:
        os._exit(0)
    frame = wire.reply(*answer(place, request, code))
    at = wire.REPLY_SIZE
    while at < len(frame):
        at += os.pwrite(BODY_FD, frame[at:], at)
    os.write(MARK_FD, frame[: wire.REPLY_SIZE])
    os._exit(0)


def _bound_files(limits: dict[str, Any]) -> None:
    """Let no file grow beyond what the session's disk or the reply may hold."""
    most = max(limits["disk_mib"] * cell.MIB, limits["output_kib"] * 1024 * 4)
    cell.bound(resource.RLIMIT_FSIZE, most, most)


def answer(
    place: Cell, request: dict[str, Any], code: bytes
) -> tuple[dict[str, Any], bytes, bytes, bytes | None]:
    """Run the query; return the outcome with stdout, stderr and answer."""
    started, before = time.monotonic(), _cpu_s()
    cap = request["limits"]["output_kib"] * 1024
    text = code.decode("utf-8", "surrogateescape")
    name = request["database"]
    opened = place.opened.get(name)
    database = opened.connection if opened else place.assets[name]
    left = program.evaluate(text, database, cap if request["collect"] else None)
    status = program.ENDED_BY.get(left.kind) or ("error" if left.exit_code else "ok")
    if max(map(len, (left.out, left.error, left.answer))) > cap:
        status = "output_limit"
    outcome = {
        "status": status,
        "exit_code": left.exit_code,
        "wall_s": time.monotonic() - started,
        "cpu_s": _cpu_s() - before,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    found = status == "ok" and left.kind == program.ANSWER
    return outcome, left.out[:cap], left.error[:cap], left.answer if found else None


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def wait(
    pid: int, called: int, wall_s: float, heed: Callable[[int, float], bool]
) -> tuple[bytes, bool]:
    """Return the head of the query's reply, and whether its time ran out.

    The head is empty where the process ended without one, or had to be ended.

    Args:
        heed: Waits until a descriptor can be read, that many seconds at most; tells whether it can.

    Raises:
        ClosedError: the host is gone.
    """
    came = heed(called, wall_s)
    head = os.read(called, wire.REPLY_SIZE) if came else b""
    if len(head) == wire.REPLY_SIZE:
        return head, False
    os.kill(pid, signal.SIGKILL)  # ours and not reaped, so its number is still its own
    return b"", not came


def obituary(pid: int, body: int, wall_s: float, *, cpu_s: float, reason: str | None) -> bytes:
    """Reap a query that ended without a reply; return the head of one, and cut ``body`` to it.

    Args:
        wall_s: Seconds since its start.
        cpu_s: CPU seconds that it was allowed.
        reason: The status that it has whatever its end was.
    """
    _, status, used = os.wait4(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    if os.pread(body, 1, 0) != program.LOCKED:
        size = os.fstat(body).st_size
        said = (
            os.pread(body, size, wire.REPLY_SIZE)
            or b"the query's process ended early (exit code %d)" % code
        )
        return _cut(body, wire.notice(wire.FAILURE, said.decode("utf-8", "replace")))
    spent = used.ru_utime + used.ru_stime
    outcome = {
        "status": reason or ("timeout" if spent >= cpu_s else "killed"),
        "exit_code": None if reason else code,
        "wall_s": wall_s,
        "cpu_s": spent,
        "peak_mib": used.ru_maxrss / 1024,
    }
    return _cut(body, wire.reply(outcome, b"", b"", None))


def _cut(body: int, frame: bytes) -> bytes:
    os.ftruncate(body, wire.REPLY_SIZE)
    os.pwrite(body, frame, 0)
    return frame[: wire.REPLY_SIZE]


def forward(head: bytes, body: int) -> None:
    """Send a reply to the host; what the query gave never enters this process.

    Raises:
        ClosedError: it is no reply, or not as long as it says.
    """
    _, _, sizes = wire.reply_head(head)
    left = wire.REPLY_SIZE + sum(sizes)
    if os.fstat(body).st_size != left:
        raise wire.ClosedError("the query's reply is not as long as it says")
    os.pwrite(body, head, 0)
    at = 0
    while at < left:
        at += os.sendfile(1, body, at, left - at)
