"""Calls that were answered, in a SQLite file: a run that goes on pays for none of them again."""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from threading import Lock
from typing import Any

from taskkit.agents.protocol import Reply, ToolCall, Usage
from taskkit.errors import UsageError, blame

ADDRESS = re.compile(r"\b0x[0-9a-f]{8,16}\b")
"""A place in memory, as Python shows one; it differs between two runs of one program."""


def key_of(request: Mapping[str, Any], slot: str) -> str:
    """Give the SHA-256 of a request, places in memory aside.

    Args:
        slot: Task and attempt: two attempts are not to share one sample.
    """
    text = json.dumps({"slot": slot, "request": request}, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(ADDRESS.sub("0x", text).encode("utf-8", "surrogatepass")).hexdigest()


class Calls:
    """A file of answered calls; threads may share it."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it.

        Raises:
            UsageError: it is no such file, or cannot be written.
        """
        self._lock = Lock()
        with blame(UsageError, f"{path}: no file of calls"):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._connection.execute("pragma journal_mode = wal")
            self._connection.execute("pragma synchronous = normal")
            self._connection.execute(
                "create table if not exists call (key text primary key, slot text, reply text)"
                " without rowid"
            )

    def get(self, key: str) -> Reply | None:
        """Give the reply to a request; None where it was not answered."""
        with self._lock:
            row = self._connection.execute(
                "select reply from call where key = ?", (key,)
            ).fetchone()
        return replace(_read(row[0]), known=True) if row else None

    def put(self, key: str, slot: str, reply: Reply) -> None:
        """Keep a reply; it is safe once this returns."""
        text = json.dumps(asdict(reply))
        with self._lock:
            self._connection.execute(
                "insert or replace into call values (?, ?, ?)", (key, slot, text)
            )

    def __len__(self) -> int:
        with self._lock:
            return int(self._connection.execute("select count(*) from call").fetchone()[0])

    def close(self) -> None:
        """Close the file; safe to call twice."""
        with self._lock, suppress(sqlite3.ProgrammingError):
            self._connection.close()


def _read(text: str) -> Reply:
    fields = json.loads(text)
    fields["usage"] = Usage(**fields["usage"])
    fields["calls"] = tuple(ToolCall(**one) for one in fields["calls"])
    return Reply(**fields)
