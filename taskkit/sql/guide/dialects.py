"""Functions and words of other databases, and what SQLite has for them."""

from __future__ import annotations

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
    "from": "Before FROM there may be a comma too many. SQLite has no EXTRACT(YEAR FROM x): write "
    "strftime('%Y', x).",
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
