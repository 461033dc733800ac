"""Explain SQLite's error messages by the schema and the query."""

from __future__ import annotations

import re
from collections.abc import Callable

from rapidfuzz import fuzz, process

from taskkit.sql.guide.guide import Guide, nearest, shown
from taskkit.sql.guide.query import sources

INSTEAD = {
    "year": "strftime('%Y', x)",
    "month": "strftime('%m', x)",
    "day": "strftime('%d', x)",
    "hour": "strftime('%H', x)",
    "extract": "strftime('%Y', x), with %m, %d or %H for other parts",
    "date_part": "strftime('%Y', x), with %m, %d or %H for other parts",
    "date_format": "strftime(format, x)",
    "to_char": "strftime(format, x)",
    "to_date": "date(x)",
    "to_timestamp": "datetime(x)",
    "datediff": "julianday(a) - julianday(b), which is in days",
    "timestampdiff": "(julianday(a) - julianday(b)) * 24 for hours",
    "age": "(julianday(a) - julianday(b)) / 365.25 for years",
    "date_add": "datetime(x, '+1 day')",
    "dateadd": "datetime(x, '+1 day')",
    "date_sub": "datetime(x, '-1 day')",
    "date_trunc": "date(x, 'start of month') or strftime('%Y-%m', x)",
    "now": "the current time that the task states, as a text",
    "getdate": "the current time that the task states, as a text",
    "curdate": "the current time that the task states, as a text",
    "concat": "a || b",
    "if": "iif(condition, a, b) or CASE WHEN ... THEN ... END",
    "nvl": "coalesce(a, b)",
    "isnull": "coalesce(a, b), or x IS NULL",
    "left": "substr(x, 1, n)",
    "right": "substr(x, -n)",
    "len": "length(x)",
    "char_length": "length(x)",
    "substring_index": "substr(x, 1, instr(x, y) - 1)",
    "position": "instr(x, y)",
    "charindex": "instr(x, y)",
    "greatest": "max(a, b)",
    "least": "min(a, b)",
    "string_agg": "group_concat(x, ', ')",
    "array_agg": "group_concat(x, ', ')",
    "regexp": "LIKE or GLOB",
    "regexp_like": "x LIKE pattern or x GLOB pattern",
    "median": "ORDER BY x with LIMIT and OFFSET, or Python",
    "percentile_cont": "ORDER BY x with LIMIT and OFFSET, or Python",
    "stddev": "sqrt(avg(x * x) - avg(x) * avg(x)), or Python",
    "std": "sqrt(avg(x * x) - avg(x) * avg(x)), or Python",
    "variance": "avg(x * x) - avg(x) * avg(x), or Python",
    "cast": "CAST(x AS REAL)",
    "try_cast": "CAST(x AS REAL)",
    "format_date": "strftime(format, x)",
}
"""Functions of other databases, and what SQLite has for them."""

FOREIGN = {
    "top": "SQLite has no TOP: put LIMIT n at the end.",
    "interval": "SQLite has no INTERVAL: write datetime(x, '+1 day').",
    ":": "SQLite has no x::type: write CAST(x AS REAL).",
    "ilike": "SQLite has no ILIKE: LIKE ignores the case of a to z already.",
    "fetch": "SQLite has no FETCH FIRST: put LIMIT n at the end.",
    "qualify": "SQLite has no QUALIFY: put the window function in a subquery and filter outside.",
    "date": "SQLite has no DATE literal: write the date as a text, '2100-12-31'.",
    "timestamp": "SQLite has no TIMESTAMP literal: write it as a text, '2100-12-31 23:59:00'.",
    "from": "Before FROM there may be a comma too many, or a part of EXTRACT, which SQLite lacks.",
    "where": "There can be one WHERE, after FROM and JOIN and before GROUP BY.",
    ")": "A bracket may be one too many, or a value is missing before it.",
    ",": "A comma may be one too many, or a value is missing before it.",
}
"""What is often behind a syntax error at a token."""

KEYWORDS = (
    "select", "distinct", "from", "where", "group", "order", "having", "limit", "offset", "join",
    "inner", "left", "cross", "using", "union", "intersect", "except", "between", "like", "case",
    "when", "then", "else", "with", "exists", "over", "partition", "desc", "null", "values",
)  # fmt: skip

Explain = Callable[[re.Match[str], str, Guide | None], str]


def explain_sql(message: str, sql: str, guide: Guide | None) -> str | None:
    """Explain an error message of SQLite; None where it is none that we know.

    Args:
        sql: The query that failed; empty where it is not known.
    """
    for pattern, explain in EXPLANATIONS:
        match = pattern.search(message)
        if match is not None:
            return explain(match, sql, guide)
    return None


def no_column(match: re.Match[str], sql: str, guide: Guide | None) -> str:
    """Explain a column that does not exist."""
    qualifier, _, name = match[1].rpartition(".")
    if guide is None:
        return f"There is no column {shown(name)}."
    used = sources(sql, guide.schema)
    if not qualifier:
        return no_bare_column(name, list(dict.fromkeys(used.values())), guide)
    qualifier = qualifier.rpartition(".")[2]
    table = used.get(qualifier.lower()) or guide.resolve(qualifier, guide.schema)
    if table is None:
        return (
            f"The query names no table or alias {shown(qualifier)}, or it stands outside the "
            f"subquery that does. It names: {', '.join(used) or 'none that is known'}."
        )
    alias = f"{qualifier} is {table}. " if qualifier.lower() != table.lower() else ""
    return f"{alias}{guide.no_column(table, name)}"


def no_bare_column(name: str, used: list[str], guide: Guide) -> str:
    """Explain a column without table that does not exist."""
    if len(used) == 1:
        return guide.no_column(used[0], name)
    having = [t for t in guide.schema if guide.resolve(name, guide.names(t)) is not None]
    if having:
        missing = [t for t in having if t not in used]
        return (
            f"No table of the query has a column {shown(name)} there; it is in "
            f"{', '.join(missing or having)}. Join that table, or name it in the subquery."
        )
    names = list(dict.fromkeys(n for t in used or guide.schema for n in guide.names(t)))
    return f"No table has a column {shown(name)}. {nearest(name, names, 'Columns')}"


def no_table(match: re.Match[str], sql: str, guide: Guide | None) -> str:
    """Explain a table that does not exist."""
    name = match[1].rpartition(".")[2]
    return f"There is no table {shown(name)}." if guide is None else guide.no_table(name)


def ambiguous(match: re.Match[str], sql: str, guide: Guide | None) -> str:
    """Explain a column that several tables of the query have."""
    name = match[1].rpartition(".")[2]
    ways: list[str] = []
    if guide is not None:
        used = sources(sql, guide.schema)
        aliases = {table: alias for alias, table in used.items()}  # the last name is the alias
        ways = [
            f"{alias}.{name}"
            for table, alias in aliases.items()
            if guide.resolve(name, guide.names(table)) is not None
        ]
    which = f"Write {' or '.join(ways)}." if ways else "Put the name of a table before it."
    return f"Several tables of the query have a column {shown(name)}. {which}"


def no_function(match: re.Match[str], sql: str, guide: Guide | None) -> str:
    """Explain a function that SQLite lacks."""
    name = match[1].lower()
    if name in INSTEAD:
        return f"SQLite has no function {name}(): use {INSTEAD[name]}."
    return f"SQLite has no function {name}(). Use another, or compute it in Python."


def syntax(match: re.Match[str], sql: str, guide: Guide | None) -> str:
    """Explain a syntax error at a token."""
    token = match[1]
    hint = foreign(token, sql) or misspelt(token, sql) or "The mistake is there or just before."
    return f"The query cannot be read from {shown(token)} on. {hint}{pointed(token, sql)}"


def before(token: str, sql: str) -> list[str]:
    """Give the words that stand before the only place of a token, none where it is not clear."""
    places = [match.start() for match in re.finditer(rf"(?<!\w){re.escape(token)}", sql)]
    return re.findall(r"[^\s(),]+", sql[: places[0]]) if len(places) == 1 else []


def foreign(token: str, sql: str) -> str | None:
    """Name what other databases have and SQLite has not, at a token or just before."""
    words = [token, *before(token, sql)[-1:]]
    return next((FOREIGN[word.lower()] for word in words if word.lower() in FOREIGN), None)


def misspelt(token: str, sql: str) -> str | None:
    """Name the keyword that was perhaps meant, at a token or just before."""
    for word in (*before(token, sql)[-1:], token):
        if word.isalpha() and word.lower() not in KEYWORDS:
            hit = process.extractOne(word.lower(), KEYWORDS, scorer=fuzz.ratio, score_cutoff=80)
            if hit is not None:
                return f"Perhaps {word} should be {hit[0].upper()}."
    return None


def pointed(token: str, sql: str) -> str:
    """Show the first place of a token in a query."""
    form = rf"\b{re.escape(token)}\b" if token.isidentifier() else re.escape(token)
    places = [match.start() for match in re.finditer(form, sql)]
    if len(places) != 1:
        return ""
    line = sql.count("\n", 0, places[0]) + 1
    start = sql.rfind("\n", 0, places[0]) + 1
    text = sql[start:].split("\n", 1)[0]
    column = places[0] - start
    left = max(0, column - 60)
    return (
        f"\nline {line}: {text[left : column + 60]}\n{' ' * (column - left + 6 + len(str(line)))}^"
    )


def fixed(text: str) -> Explain:
    """Make an explanation that is the same whatever the query."""
    return lambda match, sql, guide: match.expand(text)


EXPLANATIONS: list[tuple[re.Pattern[str], Explain]] = [
    (re.compile(pattern), explain)
    for pattern, explain in [
        (r"no such column: (.+?)\s*$", no_column),
        (r"no such table: (\S+)", no_table),
        (r"ambiguous column name: (\S+)", ambiguous),
        (r"no such function: (\w+)", no_function),
        (r'near "(.+?)": syntax error', syntax),
        (
            r'unrecognized token: "(.+?)"?\s*$',
            fixed(r"The query cannot be read at \1: a quote is not closed, or a sign is no SQL."),
        ),
        (
            r"incomplete input",
            fixed("The query ends too early: a bracket or quote is open, or a part is missing."),
        ),
        (
            r"misuse of (?:aggregate|window)(?: function)?:? ?(\w*)",
            fixed(
                r"An aggregate or window function (\1) stands where single rows are looked at, "
                "such as in WHERE. Filter groups with HAVING, or compute it in a subquery."
            ),
        ),
        (
            r"wrong number of arguments to function (\w+)",
            fixed(r"The function \1 takes another number of arguments in SQLite."),
        ),
        (
            r"HAVING clause on a non-aggregate query|GROUP BY clause is required",
            fixed("HAVING filters groups: add GROUP BY, or filter rows with WHERE."),
        ),
        (
            r"SELECTs to the left and right of (.+?) do not have",
            fixed(r"Both sides of \1 must select the same number of columns."),
        ),
        (
            r"sub-select returns (\d+) columns - expected (\d+)",
            fixed(r"A subquery gives \1 columns where \2 is compared: select only what is needed."),
        ),
        (
            r"ORDER BY clause should come (?:after|before) (.+?) not",
            fixed(r"ORDER BY and LIMIT belong after the whole \1; put single parts in subqueries."),
        ),
        (
            r"only execute one statement at a time",
            fixed("There are several statements: send one SELECT, without any after a semicolon."),
        ),
        (
            r"not authorized|readonly database|is prohibited|no query: need one SELECT",
            fixed("The database is only to be read: send one SELECT statement."),
        ),
        (
            r"no such collation sequence: (\w+)",
            fixed(r"SQLite has no collation \1: use BINARY or NOCASE."),
        ),
    ]
]
