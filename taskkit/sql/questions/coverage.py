"""The tables that a database has no rows of, and the queries that would need them."""

from __future__ import annotations

import re
import sqlite3

from sqlglot import exp

READ = re.compile(r"\b(?:from|join)\s+([a-z_]\w*)", re.IGNORECASE)


def empty_tables(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Give the tables without a row, in the order of the schema."""
    names = connection.execute(
        "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'"
        " order by rowid"
    ).fetchall()
    return tuple(
        str(name)
        for (name,) in names
        if connection.execute(f'select 1 from "{name}" limit 1').fetchone() is None
    )


def reads(sql: str) -> frozenset[str]:
    """Give the tables that follow `from` and `join` in a query, in lower case."""
    return frozenset(name.lower() for name in READ.findall(sql))


def empty_table(tree: exp.Expr, connection: sqlite3.Connection) -> str | None:
    """Give a table without rows that a query reads; None where there is none."""
    for name in sorted({table.name.lower() for table in tree.find_all(exp.Table)}):
        try:
            if connection.execute(f'select 1 from "{name}" limit 1').fetchone() is None:
                return name
        except sqlite3.Error:  # a derived table, or one that the query's own run will report
            continue
    return None
