"""A file that is written beside its place, and takes it once it is whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from taskkit.errors import MissingError, lack


@contextmanager
def drafted(target: Path) -> Iterator[Path]:
    """Give the draft of a file, for others to write; what stands at its place stays until then.

    Raises:
        MissingError: the disk is full, or the folder cannot be written.
    """
    draft = target.with_name(f".{target.name}.{os.getpid()}.draft")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield draft
        draft.replace(target)
    except OSError as error:
        what = lack(error) or f"{error.strerror or error}: need a file that can be written"
        raise MissingError(f"{target}: cannot be written: {what}") from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
