"""Files that others published and a user names: regular, of a bounded size, in UTF-8, JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from taskkit.errors import SourceError
from taskkit.spec.document import IrregularError, read_regular

MAX_BYTES = 200_000_000  # of a question file; the largest published one has 15 MB
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def read_bytes(path: Path, *, max_bytes: int = MAX_BYTES) -> bytes:
    """Give the content of a regular file.

    Raises:
        SourceError: there is none, it is a pipe or a device, unreadable, or too large.
    """
    try:
        return read_regular(path, max_bytes)
    except IrregularError as error:
        if error.size is None:
            odd = "no regular file: need one that can be read to its end"
            raise SourceError(f"{path}: {odd}") from error
        raise SourceError(f"{path}: {error.size:,} bytes: need {max_bytes:,} at most") from error
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror}: need a readable file") from error


def read_text(path: Path, *, max_bytes: int = MAX_BYTES) -> str:
    """Give the text of a regular file, without a byte order mark.

    Raises:
        SourceError: as `read_bytes`, or it is not UTF-8.
    """
    try:
        return read_bytes(path, max_bytes=max_bytes).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = f"{path}: byte {error.start}: not UTF-8"
        raise SourceError(f"{place}: convert the file to UTF-8") from error


def parse_json(text: str, *, halves: bool = False) -> Any:
    """Give the value of a JSON text.

    Args:
        text: What is read.
        halves: Let half characters pass: the caller looks for them in each record.

    Raises:
        json.JSONDecodeError: it is none, or one that no document can hold: nested too deeply, a
            number of thousands of digits, half a character.
    """
    try:
        value = json.loads(text)
    except json.JSONDecodeError:
        raise
    except RecursionError as error:
        raise json.JSONDecodeError("nested too deeply", "", 0) from error
    except ValueError as error:
        raise json.JSONDecodeError("a whole number of thousands of digits", "", 0) from error
    if not halves and (found := _SURROGATE.search(text)) and has_half(value):
        raise json.JSONDecodeError("half a character", text, found.start())
    return value


def has_half(value: object) -> bool:
    """Whether half a character (a lone surrogate) is in a JSON value: UTF-8 cannot hold it."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def require_regular(path: Path) -> None:
    """Refuse a pipe or a device, which may never end.

    Raises:
        SourceError: the path is there, and neither a file nor a folder.
    """
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise SourceError(f"{path}: no regular file: need a file or folder")
