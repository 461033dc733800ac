"""A lock between processes on what stands at a path: one holds `.<name>.lock` beside it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from taskkit.errors import UsageError

try:
    import fcntl
except ImportError:  # Windows: two processes at once are not noticed there
    fcntl = None  # type: ignore[assignment]

_held: set[Path] = set()  # by this process, which its own locks do not keep out


@contextmanager
def alone(path: Path, busy: str, *, wait: bool = False) -> Iterator[None]:
    """Keep others out of what stands at a path, or will; a killed process holds nothing.

    Args:
        path: A file or folder, in a folder that is there.
        busy: What to say where another is in.
        wait: Until it leaves, if it is another process.

    Raises:
        UsageError: another is in, and we do not wait.
        OSError: the lock cannot be made.
    """
    real = Path(os.path.realpath(path))
    lock = real.with_name(f".{real.name}.lock")
    if lock in _held:
        raise UsageError(busy)
    descriptor = _take(lock, busy, wait)
    _held.add(lock)
    try:
        yield
    finally:
        _held.discard(lock)
        lock.unlink(missing_ok=True)
        os.close(descriptor)


def _take(lock: Path, busy: str, wait: bool) -> int:
    while True:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            if fcntl is not None:  # not flock: worker processes that outlive us would hold it
                fcntl.lockf(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            if _same(descriptor, lock):
                return descriptor
        except (BlockingIOError, PermissionError):
            os.close(descriptor)
            raise UsageError(busy) from None
        os.close(descriptor)  # its holder left and took the file away: the lock is another now


def _same(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
