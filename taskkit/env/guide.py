"""What `request_info` answers about a database."""

from __future__ import annotations

from pathlib import Path

from taskkit.spec.action import RequestInfo


class Guide:
    """Knows a SQLite database; reads nothing before it is asked."""

    def __init__(self, database: Path, cache: Path, *, sha256: str) -> None:
        self.database = database
        self._cache = cache
        self._sha256 = sha256

    def answer(self, request: RequestInfo) -> str:
        """Answer a request for information as text."""
        return f"nothing is known about {request.about}"

    def close(self) -> None:
        """Close its files; safe to call twice."""
