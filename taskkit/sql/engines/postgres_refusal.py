"""What it means for a query that PostgreSQL refuses it, by the error's SQLSTATE."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from taskkit.sql.engines.engine import SHOWN, EngineError
from taskkit.verify.engine_results import EngineCode

if TYPE_CHECKING:
    from psycopg import Error

CODES: dict[str, EngineCode] = {
    "42803": "bare_column",  # grouping_error
    "42P10": "bare_column",  # an order by what DISTINCT leaves out
    "22P02": "text_affinity",  # text that is no number
    "57014": "engine_failed",  # the time is over
}
FAILURES = ("53", "54", "58", "XX")  # classes: resources, limits, the system, the server itself
UNDEFINED_COLUMN, UNDEFINED_FUNCTION = "42703", "42883"
TYPES = ("42804", "42846", "42725")  # mismatch, no such cast, several functions
ROWIDS = ("rowid", "oid", "_rowid_")
_CALL, _NAME = re.compile(r"(\w+)\("), re.compile(r'["«„](?:\w+\.)?([^"»“]+)["»“]')
_VALUE = re.compile(r"\"[^\"]*\"|'[^']*'|\d+")


def refusal(error: Error, has_function: Callable[[str], bool]) -> EngineError:
    """Give what an error means; its words are only shown, and searched for names.

    Args:
        error: What PostgreSQL said.
        has_function: Whether it has a function of a name, of whatever arguments.
    """
    state, said = error.sqlstate or "", error.diag.message_primary or str(error)
    shown = f"PostgreSQL: {said[:SHOWN]}"
    if code := CODES.get(state):
        return EngineError(code, shown)
    if state[:2] in FAILURES:
        return EngineError("engine_failed", shown)
    if state == UNDEFINED_COLUMN:
        return _column(said, shown)
    if state == UNDEFINED_FUNCTION and (call := _CALL.search(said)):
        if not has_function(call[1]):
            return EngineError("untranslated", call[1])
        if "text" in said[call.end() :]:
            return EngineError("text_affinity", shown)
    if state in (*TYPES, UNDEFINED_FUNCTION) and re.search(r"\btext\b", said):
        return EngineError("text_affinity", shown)
    return EngineError("untranslated", _VALUE.sub("N", said)[:80])


def _column(said: str, shown: str) -> EngineError:
    """Name the column that is not there; one that is qualified comes without quotes."""
    found = _NAME.search(said)
    name = found[1] if found else ""
    if name in ROWIDS or any(f".{one} " in f"{said} " for one in ROWIDS):
        return EngineError("untranslated", "rowid")
    return EngineError("quoted_text", shown, column=name)
