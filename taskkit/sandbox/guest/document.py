"""The answer document: a program's value as JSON text."""

from __future__ import annotations

import json
import math
import sys
from datetime import date, datetime
from decimal import Decimal
from typing import Any


class UnfitError(Exception):
    """A value that no answer document can hold; the message says why."""


def encode(value: object) -> bytes:
    """Return ``value`` as JSON text.

    Raises:
        UnfitError: it is not finite, nested too deeply, or of a type JSON has no form for.
    """
    try:
        return json.dumps(plain(value), ensure_ascii=False, allow_nan=False).encode()
    except RecursionError:
        raise UnfitError("answer is nested too deeply") from None
    except UnicodeEncodeError:
        raise UnfitError("answer holds text that is no valid Unicode") from None


def plain(value: Any) -> Any:
    """Return ``value`` in terms of None, bool, int, float, str, list and dict."""
    if value is None or isinstance(value, bool | str):
        return value if value is None or isinstance(value, bool) else str(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return _finite(float(value))
    if isinstance(value, dict):
        return {_key(key): plain(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return _sorted([plain(item) for item in value])
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return _foreign(value)


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise UnfitError(f"answer holds {value}, which is no number an answer may be")
    return value


def _sorted(items: list[Any]) -> list[Any]:
    try:
        return sorted(items)
    except TypeError:  # several types: any order will do that is always the same
        return sorted(items, key=json.dumps)


def _key(key: Any) -> str:
    if isinstance(key, str):
        return str(key)
    text = plain(key)
    return text if isinstance(text, str) else json.dumps(text)


def _foreign(value: Any) -> Any:
    """Convert what the standard library, numpy and pandas have beside the plain types."""
    numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
    if pandas is not None:
        if value is pandas.NA or value is pandas.NaT:
            return None
        if isinstance(value, pandas.Timestamp):
            return _moment(value.to_pydatetime(warn=False))
        if isinstance(value, pandas.DataFrame):
            rows = value.astype(object).values.tolist()
            return {"columns": [_key(c) for c in value.columns], "rows": plain(rows)}
        if isinstance(value, pandas.Series | pandas.Index):
            return plain(list(value))
    if numpy is not None:
        if isinstance(value, numpy.datetime64):
            return None if numpy.isnat(value) else _moment(value.astype("datetime64[us]").item())
        if isinstance(value, numpy.ndarray):
            return plain(list(value) if value.ndim else value[()])
        if isinstance(value, numpy.bool_ | numpy.integer | numpy.floating):
            return plain(value.item())
    if isinstance(value, Decimal):
        return _finite(float(value)) if value % 1 or not value.is_finite() else int(value)
    if isinstance(value, date):
        return _moment(value)
    raise UnfitError(f"answer holds a {type(value).__name__}, which has no form in JSON")


def _moment(value: date) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return value.strftime("%Y-%m-%d")
