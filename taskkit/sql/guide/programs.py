"""What a database says of a Python program that failed over it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from taskkit.sql.guide.guide import Guide, shown
from taskkit.sql.guide.literals import NUMBER, TIME, odds
from taskkit.sql.guide.schema import quoted

LONGEST = 50_000  # characters of a program that is looked at
QUERY = re.compile(r"\s*(?:select|with)\b", re.IGNORECASE)
NOTHING = ("TypeError", "ZeroDivisionError", "IndexError", "AttributeError", "StatisticsError")
"""Exceptions that follow where a query found nothing."""
TYPES = re.compile(r"'(?:str|int|float|NoneType)'|must be real number|not all arguments|dtype")
TIMES = re.compile(r"unconverted data|does not match format|isoformat")
LOOKED_AT = 12  # columns
MOST = 3  # columns named, or queries looked at


def queries(code: str) -> list[str]:
    """Give the SQL texts of a program."""
    if len(code) > LONGEST:
        return []
    try:
        nodes = list(ast.walk(ast.parse(code)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    texts = [one.value for one in nodes if isinstance(one, ast.Constant)]
    return [text for text in texts if isinstance(text, str) and QUERY.match(text)]


def tables(code: str, guide: Guide) -> list[str]:
    """Give the tables that a program names."""
    words = {word.lower() for word in re.findall(r"\w+", code[:LONGEST])}
    return [table for table in guide.schema if table.lower() in words]


def columns(code: str, guide: Guide) -> Iterator[tuple[str, str]]:
    """Give the columns that a program names, or takes with `*`, of the tables that it names."""
    words = {word.lower() for word in re.findall(r"\w+", code[:LONGEST])}
    star = any("*" in sql for sql in queries(code))
    named = [(t, name) for t in tables(code, guide) for name in guide.names(t)]
    found = [place for place in named if place[1].lower() in words]
    yield from (found or (named if star else []))[:LOOKED_AT]


def explained(name: str, message: str, code: str, guide: Guide) -> str | None:
    """Say what the data have to do with an exception; None where nothing is known."""
    lines: list[str] = []
    if name == "ProgrammingError" and "bindings" in message:
        return bindings(message)
    if name in ("TypeError", "ValueError", "InvalidOperation"):
        lines += texts(message, code, guide)
    if name in NOTHING:
        if "NoneType" in message or name == "AttributeError":
            lines += nulls(message, code, guide)
        lines += [line for sql in queries(code)[:MOST] for line in odds(sql, guide)]
        if name in ("ZeroDivisionError", "IndexError") and queries(code) and not lines:
            lines.append("A query of the program may have given no row: print what it gave.")
    return "\n".join(dict.fromkeys(lines)) or None


def bindings(message: str) -> str:
    """Explain parameters that are not as many as the marks of a query."""
    wanted, given = [*re.findall(r"\d+", message), "?", "?"][:2]
    return (
        f"The query has {wanted} question mark{'s' * (wanted != '1')}, and values given: {given}. "
        "Give a tuple of as many; a text alone counts as its letters: write (value,)."
    )


def texts(message: str, code: str, guide: Guide) -> list[str]:
    """Name the columns of texts that hold numbers or times, which the program computes with."""
    number = bool(TYPES.search(message)) or "convert" in message
    time = bool(TIMES.search(message)) or "-: 'str' and 'str'" in message
    lines = []
    for table, name in columns(code, guide) if number or time else ():
        kind = next(c for c in guide.schema[table] if c.name == name)
        such = sample(table, name, guide)
        if not isinstance(such, str) or not kind.textual:
            continue
        if NUMBER.fullmatch(such) and number and "'str' and 'str'" not in message:
            lines.append(
                f"{table}.{name} holds texts, such as {shown(such)}: make numbers of them, with "
                f"CAST({name} AS REAL) in the query or float(...) in Python."
            )
        elif TIME.match(such) and time:
            lines.append(
                f"{table}.{name} holds times as texts, such as {shown(such)}: use julianday() in "
                "the query, or datetime.strptime(x, '%Y-%m-%d %H:%M:%S')."
            )
    return lines[:MOST]


def nulls(message: str, code: str, guide: Guide) -> list[str]:
    """Say which columns of the program are NULL in some rows, or that no row was there."""
    lines = []
    if "subscriptable" in message or "iterable" in message or "unpack" in message:
        lines.append("fetchone() gives None where a query gives no row: look at its conditions.")
        return lines
    for table, name in columns(code, guide):
        column = quoted(name)
        found = guide.bounded(f"SELECT count(*) FROM {quoted(table)} WHERE {column} IS NULL")
        if found and found[0][0]:
            lines.append(
                f"{table}.{name} is NULL in {found[0][0]} rows: leave them out, with IS NOT NULL."
            )
    return lines[:MOST] or ["A value is None: a column was NULL, or max, min or avg had no row."]


def sample(table: str, name: str, guide: Guide) -> object:
    """Give a value of a column."""
    column = quoted(name)
    found = guide.bounded(
        f"SELECT {column} FROM {quoted(table)} WHERE {column} IS NOT NULL LIMIT 1"
    )
    return found[0][0] if found else None


def known(code: str, guide: Guide) -> Sequence[str]:
    """Give the columns of the tables that a program names; of all where it names none."""
    chosen = tables(code, guide) or list(guide.schema)
    return list(dict.fromkeys(name for table in chosen for name in guide.names(table)))
