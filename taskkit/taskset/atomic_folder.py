"""The place of a folder that is replaced as a whole: one writer at a time, old or new.

Beside `<name>` stand, while it is written, `.<name>.partial-<pid>` and `.<name>.lock`, and for a
moment, where the system cannot exchange two folders, `.<name>.previous`.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from taskkit.errors import MissingError
from taskkit.lock import alone

_AT_FDCWD = -100  # linux/fcntl.h
_RENAME_EXCHANGE = 2  # linux/fs.h
_NO_EXCHANGE = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EPERM)


class AtomicFolder:
    """Where a folder stands, and what stands beside it while it is replaced."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.partial = self._beside(f"partial-{os.getpid()}")
        self._previous = self._beside("previous")

    def _beside(self, what: str) -> Path:
        return self.path.parent / f".{self.path.name}.{what}"

    def locked(self, *, wait: bool = False) -> AbstractContextManager[None]:
        """Keep other writers out.

        Raises:
            UsageError: another writer is at work, and we do not wait.
        """
        busy = f"{self.path}: another build is writing it: wait for it, or name another folder"
        return alone(self.path, busy, wait=wait)

    def recover(self) -> None:
        """Undo a replacement that died between its two renames."""
        if self._previous.exists() and not self.path.exists():
            with disk(self.path), self.locked(wait=True):
                self._recover()

    def _recover(self) -> None:
        if self._previous.exists() and not self.path.exists():
            self._previous.rename(self.path)

    def clean(self) -> None:
        """Remove what dead writers left; call it with the lock held."""
        self._recover()
        for stale in (
            self._previous,
            *self.path.parent.glob(f".{_literal(self.path.name)}.partial-*"),
        ):
            remove_tree(stale)

    def replace(self) -> None:
        """Put the partial folder in the place of the old one, and remove the old one.

        Call it with the lock held. A crash at any moment leaves the old or the new one whole.
        """
        flush(self.partial)
        if not self.path.exists():
            self.partial.rename(self.path)
        elif not exchange(self.partial, self.path):
            self.path.rename(self._previous)
            self.partial.rename(self.path)
        flush(self.path.parent)
        for old in (self.partial, self._previous):
            remove_tree(old)


def exchange(one: Path, other: Path) -> bool:
    """Swap two folders in one step; False where the system cannot."""
    if not sys.platform.startswith("linux"):
        return False
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    if rename(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in _NO_EXCHANGE:
        return False
    raise OSError(code, os.strerror(code), str(other))


def flush(folder: Path) -> None:
    """Have the file system of a folder write everything to disk."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        syncfs = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
        if syncfs is None:
            os.sync()
        elif syncfs(descriptor) != 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code), str(folder))
    finally:
        os.close(descriptor)


@contextmanager
def disk(path: Path) -> Iterator[None]:
    """Raise `MissingError` in place of a disk that is full or a folder that cannot be written."""
    try:
        yield
    except OSError as error:
        what = error.strerror or str(error)
        raise MissingError(
            f"{error.filename or path}: cannot be written: {what}:"
            " make room or name another folder; what stood there before is untouched"
        ) from error


def remove_tree(folder: Path) -> None:
    """Remove a folder with all it holds, if it is there."""
    if folder.exists():
        shutil.rmtree(folder, ignore_errors=True)


def _literal(name: str) -> str:
    """Return a name with the characters that glob reads made plain."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)
