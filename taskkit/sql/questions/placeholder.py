"""Make a published query runnable: fill in the clock and the normal ranges, mend its case."""

from __future__ import annotations

import re

VITAL_RANGES = {
    "temperature": (35.5, 38.1),
    "sao2": (95.0, 100.0),
    "heart_rate": (60.0, 100.0),
    "respiration": (12.0, 18.0),
    "systolic_bp": (90.0, 120.0),
    "diastolic_bp": (60.0, 90.0),
    "mean_bp": (60.0, 110.0),
}
"""What EHRSQL calls normal, lower and upper bound, both included."""

_TOKEN = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|[A-Za-z_]\w*")
_FORMAT = re.compile(r"%[a-z]")
_LOST_CAPITALS = {"%y": "%Y", "%j": "%J"}  # `%y` is unknown to SQLite; `%j` is the day of a year


def fill_placeholders(sql: str, *, current_time: str) -> str:
    """Give the query that the publisher means.

    The publishers lower-case a whole query before they run it, and then mend two formats of
    `strftime`. SQL does not care about the case of a name, so here only text literals become
    lower-case, which is how the database holds all of its text; the format of a `strftime` is
    mended, and any other `%y`, as in `like '%yeast%'`, is left as it is.

    Args:
        sql: The query as published.
        current_time: What `current_time` stands for, as `YYYY-MM-DD HH:MM:SS`.
    """
    previous = ""

    def replace(match: re.Match[str]) -> str:
        nonlocal previous
        token, before, previous = match.group(), previous, match.group().lower()
        if token.startswith("'"):
            is_format = before == "strftime" and "%" in token
            return _FORMAT.sub(_capital, token) if is_format else token.lower()
        return token if token.startswith('"') else _fill(token, current_time)

    return _TOKEN.sub(replace, sql)


def _capital(match: re.Match[str]) -> str:
    return _LOST_CAPITALS.get(match.group(), match.group())


def _fill(name: str, current_time: str) -> str:
    lower = name.lower()
    if lower == "current_time":
        return f"'{current_time}'"
    vital, _, bound = lower.rpartition("_")
    if bound in ("lower", "upper") and vital in VITAL_RANGES:
        return str(VITAL_RANGES[vital][bound == "upper"])
    return name
