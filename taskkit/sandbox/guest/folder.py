"""The removal of a folder that a hostile program has filled."""

from __future__ import annotations

import contextlib
import itertools
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def remove(path: str) -> None:
    """Remove a folder with all in it, however deep it is, and whatever its names and modes are.

    What cannot be removed stays; a folder that is not there is none.
    """
    top = os.fsencode(path)
    numbers = itertools.count()
    while sum(_lift(top, entry, numbers) for entry in _entries(top)):
        pass
    with contextlib.suppress(OSError):
        os.rmdir(top)


def _lift(top: bytes, path: bytes, numbers: Iterator[int]) -> bool:
    """Remove a file, or a folder once the folders in it are moved up; tell whether it is gone."""
    try:
        if not _is_folder(path):
            os.unlink(path)
            return True
        os.chmod(path, 0o700)
        for inner in _entries(path):
            if _is_folder(inner):
                os.chmod(inner, 0o700)  # one that may not be written to may not be moved
                os.rename(inner, os.path.join(top, b"up-%d-%d" % (os.getpid(), next(numbers))))
            else:
                os.unlink(inner)
        os.rmdir(path)
    except OSError:
        return False
    return True


def _entries(folder: bytes) -> list[bytes]:
    try:
        return [os.path.join(folder, name) for name in os.listdir(folder)]
    except OSError:
        return []


def _is_folder(path: bytes) -> bool:
    return os.path.isdir(path) and not os.path.islink(path)
