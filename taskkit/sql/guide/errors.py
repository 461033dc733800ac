"""Explain SQLite's error messages by the schema and the query."""

from __future__ import annotations

import re
from collections.abc import Callable

from rapidfuzz import fuzz, process

from taskkit.sql.guide.dialects import FOREIGN, INSTEAD, KEYWORDS
from taskkit.sql.guide.guide import Guide, nearest, shown
from taskkit.sql.guide.query import sources

CURLY = ("\u2018", "\u2019", "\u201c", "\u201d")  # quotes of printed text
NEAR = 60  # likeness of a column that was perhaps meant, 100 at most
WINDOWS = ("rank", "dense_rank", "row_number", "percent_rank", "ntile", "lag", "lead")
OUTSIDE = (
    "Compute it in a subquery and filter outside: SELECT ... FROM (SELECT ..., rank() OVER (...) "
    "AS r FROM ...) AS t WHERE t.r = 1."
)

Explain = Callable[[re.Match[str], str, Guide | None], str]

PASSED_ON = "A subquery gives only what it selects: select that column there too."


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
    if (text := misquoted(match[1], sql)) is not None:
        return text
    if (text := made_elsewhere(name, sql)) is not None:
        return text
    if guide is None:
        return f"There is no column {shown(name)}."
    used = sources(sql, guide.schema)
    if not qualifier:
        return no_bare_column(name, list(dict.fromkeys(used.values())), guide)
    qualifier = qualifier.rpartition(".")[2]
    table = used.get(qualifier.lower()) or guide.resolve(qualifier, guide.schema)
    if table is None and is_derived(qualifier, sql):
        return f"{qualifier} is a subquery and has no column {shown(name)}. {PASSED_ON}"
    if table is None:
        return (
            f"The query names no table or alias {shown(qualifier)}, or it stands outside the "
            f"subquery that does. It names: {', '.join(used) or 'none that is known'}."
        )
    alias = f"{qualifier} is {table}. " if qualifier.lower() != table.lower() else ""
    return f"{alias}{guide.no_column(table, name)}"


def no_bare_column(name: str, used: list[str], guide: Guide) -> str:
    """Explain a column without table that does not exist."""
    if inside := [t for t in used if guide.resolve(name, guide.names(t)) is not None]:
        return f"{shown(name)} of {' and '.join(inside)} is not seen there. {PASSED_ON}"
    if len(used) == 1:
        return guide.no_column(used[0], name)
    names = list(dict.fromkeys(n for t in used for n in guide.names(t)))
    near = process.extractOne(name.lower(), names, scorer=fuzz.ratio, score_cutoff=NEAR)
    holding = [t for t in guide.schema if guide.resolve(name, guide.names(t)) is not None]
    missing = [t for t in holding if t not in used]
    if near and used:
        places = ", ".join(f"{t}.{near[0]}" for t in used if near[0] in guide.names(t))
        other = f" A column {name} is in {', '.join(missing)} only." if missing else ""
        return f"No table of the query has a column {shown(name)}: perhaps {places}.{other}"
    if holding:
        return (
            f"No table of the query has a column {shown(name)} there; it is in "
            f"{', '.join(missing or holding)}. Join that table, or name it in the subquery."
        )
    names = names or list(dict.fromkeys(n for t in guide.schema for n in guide.names(t)))
    return f"No table has a column {shown(name)}. {nearest(name, names, 'Columns')}"


def is_derived(name: str, sql: str) -> bool:
    """Whether a query gives a subquery this name, behind it or by WITH."""
    word = rf"[\"`]?{re.escape(name)}\b"
    behind, before = rf"\)\s*(?:as\s+)?{word}", rf"\b{word}[\"`]?\s*(?:\([^()]*\)\s*)?as\s*\("
    return re.search(f"{behind}|{before}", sql, re.IGNORECASE) is not None


def misquoted(word: str, sql: str) -> str | None:
    """Explain a text in quotes that are none of SQL's, or that make a name."""
    bare = word.strip("".join(CURLY))
    if any(mark in word for mark in CURLY):
        return f"The marks around {bare} are no quotes of SQL: write '{bare}'."
    if f"`{word}`" in sql or f'"{word}"' in sql:
        return f"Backticks and double quotes make a name: write a text as '{word}'."
    return None


def made_elsewhere(name: str, sql: str) -> str | None:
    """Explain a name that the query itself gives, or a window function, used out of its place."""
    given = re.search(rf"\bas\s+[\"`]?{re.escape(name)}\b", sql, re.IGNORECASE)
    derived = re.search(
        rf"\bas\s+[\"`]?{re.escape(name)}\b[^()]*(?:\([^()]*\)[^()]*)*\)\s*(?:as\s+)?(\w+)",
        sql,
        re.IGNORECASE,
    )
    if derived:
        return f"The subquery {derived[1]} makes {shown(name)}: write {derived[1]}.{name}."
    if given:
        return f"The query makes {shown(name)} elsewhere, and it is not seen here. {OUTSIDE}"
    if name.lower() in WINDOWS:
        return f"{name} is no column: {name.lower()}() OVER (ORDER BY ...) makes it. {OUTSIDE}"
    return None


def unclosed(match: re.Match[str], sql: str, guide: Guide | None) -> str:
    """Explain a sign that SQL does not have."""
    if match[1] == ":" and "::" in sql:
        return f"The query cannot be read at ::. {FOREIGN[':']}"
    return f"The query cannot be read at {match[1]}: a quote is not closed, or a sign is no SQL."


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
        (r'unrecognized token: "(.+?)"?\s*$', unclosed),
        (
            r"misuse of aliased (?:aggregate|window function) (\w+)",
            fixed(rf"\1 is made after the rows are chosen, so that WHERE cannot use it. {OUTSIDE}"),
        ),
        (r"too many levels|parser stack overflow", fixed("The query is nested too deeply.")),
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
