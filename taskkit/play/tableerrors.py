"""Errors of pandas, lifelines and scikit-learn, explained by the tables that a program read."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rapidfuzz import fuzz, process

from taskkit.play.texttable import DELIMITERS, TextTable

SHOWN = 40  # columns named of a table
QUOTED = re.compile(r"'([^']*)'")
DOUBLE = re.compile(r'"([^"]*)"')
MERGE = re.compile(r"merge on (\S+) and (\S+) columns for key '([^']*)'")
SEPARATED = re.compile(r"sep\s*=|delimiter\s*=|read_table\(|\bsep\b")
Rule = Callable[[str, str, Sequence[TextTable]], str | None]


def explain_table_error(
    name: str, message: str, code: str, tables: Sequence[TextTable]
) -> str | None:
    """Explain an exception by what the tables hold; None where they say nothing of it.

    Args:
        tables: Those that the program read.
    """
    for kinds, rule in RULES:
        if name in kinds and (made := rule(message, code, tables)) is not None:
            return made
    return None


def no_column(message: str, code: str, tables: Sequence[TextTable]) -> str | None:
    """A key that is no column: name the columns there are, and how the file is written."""
    wanted = quoted(message) or ""
    if not wanted or not tables:
        return None
    lines = misread(code, tables)
    holding = [table for table in tables if wanted in table.names]
    if holding:
        where = ", ".join(f"/data/{table.name}" for table in holding)
        lines.append(
            f"{wanted} is a column of {where}: the frame at hand was made from something else, or "
            "lost it (by a merge that added _x and _y, by set_index, or by a selection)."
        )
    for table in [] if holding else tables[:4]:
        near = process.extract(wanted, table.names, scorer=fuzz.WRatio, limit=3, score_cutoff=70)
        meant = f" Perhaps {' or '.join(hit[0] for hit in near)}." if near else ""
        lines.append(f"Columns of /data/{table.name}: {listed(table.names)}.{meant}")
    return "\n".join(lines)


def quoted(message: str) -> str | None:
    """Give the first text in quotes, the inner one where they are nested."""
    match = QUOTED.search(message) or DOUBLE.search(message)
    return None if match is None else match[1]


def no_number(message: str, code: str, tables: Sequence[TextTable]) -> str | None:
    """A text where a number is needed: say in which column it stands."""
    wanted = quoted(message)
    if wanted is None or not ("convert" in message or "numeric" in message):
        return None
    places, texts = [], False
    for table in tables:
        for column in table.columns:
            if wanted in column.values:
                texts |= column.kind == "text"
                row = next((row for row, cell in column.odd if cell == wanted), None)
                where = f" (row {row})" if row else ""
                count = f"{column.values[wanted]} cell{'s' * (column.values[wanted] != 1)}"
                places.append(
                    f"{wanted!r} stands in {count} of {column.name}{where}, a column of "
                    f"{column.kind}, of /data/{table.name}"
                )
    if not places:
        return None
    if texts:
        made = "Make numbers of its categories, with a mapping or pd.get_dummies, or leave it out."
        return f"{'; '.join(places[:3])}. {made}"
    advice = (
        "Read it with na_values, or turn the column into numbers with pd.to_numeric(..., "
        'errors="coerce"), and say what becomes of those rows.'
    )
    return f"{'; '.join(places[:3])}. {advice}"


def no_date(message: str, code: str, tables: Sequence[TextTable]) -> str | None:
    """A date that is none: say where it stands."""
    if not any(word in message.lower() for word in ("time data", "out of bounds", "year", "date")):
        return None
    places = [
        f"{cell!r} in row {row} of {column.name} of /data/{table.name}"
        for table in tables
        for column in table.columns
        if column.kind == "date"
        for row, cell in column.odd
    ]
    if not places:
        return None
    return (
        f"No day of the calendar: {'; '.join(places[:3])}. "
        'pd.to_datetime(..., errors="coerce") makes it missing.'
    )


def merged(message: str, code: str, tables: Sequence[TextTable]) -> str | None:
    """Keys of two types: say what each table has."""
    match = MERGE.search(message)
    if match is None:
        return None
    said = [
        f"{match[3]} is a column of {column.kind} in /data/{table.name}"
        for table in tables
        if (column := table.column(match[3])) is not None
    ]
    return f"The keys have two types, {match[1]} and {match[2]}. {'; '.join(said)}" + (
        ". Bring both to text with astype(str) before the merge."
    )


def not_parsed(message: str, code: str, tables: Sequence[TextTable]) -> str | None:
    """A file that was read as another form: say how it is written."""
    lines = misread(code, tables) or [written(table) for table in tables[:3]]
    return "\n".join(lines) or None


def holes(message: str, code: str, tables: Sequence[TextTable]) -> str | None:
    """Missing values where none are allowed: say which columns have some."""
    if not re.search(r"NaN|missing|null|infinity", message, re.IGNORECASE):
        return None
    used = [
        f"{column.name} ({column.missing})"
        for table in tables
        for column in table.columns
        if column.missing and column.name in code
    ]
    told = f"Columns of the program with missing values: {', '.join(used[:12])}. " if used else ""
    return f"{told}Drop those rows with dropna(subset=[...]), or fill them, before the fit."


def lengths(message: str, code: str, tables: Sequence[TextTable]) -> str | None:
    """Arrays of unequal length: one was filtered and the other was not."""
    if not re.search(r"inconsistent numbers of samples|same length|shape|lengths", message):
        return None
    return (
        "Durations, events or labels come from frames with different rows. Filter one frame, then "
        "take every column from it."
    )


def one_class(message: str, code: str, tables: Sequence[TextTable]) -> str | None:
    """Labels of one class, or a group without members."""
    if not re.search(
        r"one class|1 class|at least 2 classes|empty|no samples|size 0", message, re.I
    ):
        return None
    return (
        "A group or class has no rows: print value_counts() of the column that makes it, and see "
        "whether its values are written as the program compares them."
    )


def not_converged(message: str, code: str, tables: Sequence[TextTable]) -> str | None:
    """A Cox model that does not converge."""
    return (
        "The partial likelihood has no maximum: a covariate is constant, repeats another, or parts "
        "those with events from those without. Look at value_counts() of each with the events, "
        "leave one level of a category out, and bring large numbers to a smaller scale."
    )


def misread(code: str, tables: Sequence[TextTable]) -> list[str]:
    """Say which files a program reads with the wrong delimiter, or without leaving comments out."""
    lines = []
    for table in tables:
        wrong = table.delimiter != "," and not SEPARATED.search(code)
        if wrong or (table.comments and not re.search(r"comment\s*=|skiprows|header\s*=", code)):
            lines.append(written(table))
    return lines[:3]


def written(table: TextTable) -> str:
    """Say how a file is written, and how pandas reads it."""
    parts = [f"/data/{table.name} has {DELIMITERS[table.delimiter]} between its cells"]
    words = [f"sep={table.delimiter!r}"] if table.delimiter != "," else []
    if table.comments:
        parts.append(f"{table.comments} lines with # before the names of its columns")
        words.append(f"skiprows={table.comments}")
    how = f": pd.read_csv(path, {', '.join(words)})" if words else ""
    return f"{' and '.join(parts)}{how}."


def remark(code: str, tables: Sequence[TextTable]) -> list[str]:
    """Say which rows a program cuts without an error."""
    if not re.search(r"comment\s*=\s*['\"]#", code):
        return []
    return [
        f'/data/{table.name} has # inside a cell (row {table.hashes}): comment="#" cuts the row '
        f"there. Use skiprows={table.comments}."
        for table in tables
        if table.hashes is not None and table.name in code
    ]


def listed(names: Sequence[str]) -> str:
    """List names, cut where there are many."""
    rest = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{', '.join(names[:SHOWN])}{rest}"


RULES: tuple[tuple[tuple[str, ...], Rule], ...] = (
    (("KeyError",), no_column),
    (("ParserError", "EmptyDataError", "UnicodeDecodeError"), not_parsed),
    (("ConvergenceError", "LinAlgError"), not_converged),
    (("ValueError", "MergeError"), merged),
    (("ValueError", "TypeError"), no_number),
    (("ValueError", "OutOfBoundsDatetime", "DateParseError", "ParserError"), no_date),
    (("ValueError", "TypeError", "StatError"), holes),
    (("ValueError",), one_class),
    (("ValueError", "IndexError"), lengths),
)
"""Exceptions by name, each with what may explain it; the first that says something counts."""
