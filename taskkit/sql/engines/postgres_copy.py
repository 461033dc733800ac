"""Copies of databases in PostgreSQL: a schema each, named by the digest of what it copies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from taskkit.errors import MissingError, SourceError, UsageError, blame
from taskkit.sql.engines.engine import Column, Original, original
from taskkit.sql.engines.postgres import Schema, Server, driver
from taskkit.sql.engines.postgres_dialect import FUNCTIONS
from taskkit.verify.engine_results import EngineName

if TYPE_CHECKING:
    from psycopg import Connection

MARK = "taskkit copy"  # how the comment of each of our schemas begins
FORMAT = 1  # of copies; one of another format is made anew
KINDS = {
    "integer": "bigint",
    "real": "double precision",
    "text": 'text collate "C"',  # by bytes, as SQLite compares
    "blob": "bytea",
}
DIGITS = 40  # of the digest, in a schema's name
LOCK_DIGITS = 15  # of the digest, in the number of the lock: 60 bits


@dataclass(frozen=True)
class Found:
    """A copy that is there."""

    name: str
    bytes: int


class Schemas:
    """Copies databases to a server, where later runs find them."""

    name: EngineName = "postgres"

    def __init__(self, url: str) -> None:
        """Try the server.

        Raises:
            MissingError: psycopg is not installed, or there is no such server.
            UsageError: the URL is none, or the database cannot hold copies.
        """
        self._server = Server(url)
        with self._connection() as connection:
            _check(self._server, connection)

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        psycopg = driver()
        with closing(self._server.connect()) as connection:
            try:
                yield connection
            except psycopg.errors.InsufficientPrivilege as error:
                raise UsageError(f"{self._server.place}: {error}") from error
            except psycopg.OperationalError as error:
                said = " ".join(str(error).split())
                raise MissingError(f"{self._server.place}: {said}") from error

    def copy(self, source: Path, sha256: str) -> Schema:
        """Give a copy of a database: made whole in one transaction, unless it is there.

        Raises:
            MissingError: the server is gone.
            SourceError: the database cannot be read, or has what PostgreSQL cannot hold.
            UsageError: the role may not make it, or something else has its name.
        """
        psycopg, name = driver(), f"taskkit_{sha256[:DIGITS]}"
        with self._connection() as connection, connection.transaction():
            lock = int(sha256[:LOCK_DIGITS], 16)  # another run may be making it
            connection.execute("select pg_advisory_xact_lock(%s)", (lock,))
            mark = f"{MARK} {FORMAT} of {sha256}"
            if _there(self._server, connection, name, mark):
                return Schema(self._server, name)
            try:
                _make(connection, name, mark)
                with original(source) as given:
                    _fill(connection, given)
            except (psycopg.OperationalError, psycopg.errors.InsufficientPrivilege):
                raise
            except Exception as error:
                with blame(SourceError, f"{source}: copying to PostgreSQL"):
                    raise error
        return Schema(self._server, name)

    def close(self) -> None:
        """Leave the copies: `taskkit doctor --clean` drops them."""

    def found(self) -> list[Found]:
        """Give the copies that are there."""
        with self._connection() as connection:
            rows = connection.execute(
                "select nspname, coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint"
                " from pg_namespace n"
                " left join pg_class c on relnamespace = n.oid and relkind = 'r'"
                " where obj_description(n.oid, 'pg_namespace') like %s group by 1 order by 1",
                (f"{MARK} %",),
            )
            return [Found(*row) for row in rows]

    def drop(self) -> int:
        """Drop every copy; give how many there were."""
        copies = self.found()
        with self._connection() as connection:
            for one in copies:
                connection.execute(f'drop schema if exists "{one.name}" cascade')
        return len(copies)


def _check(server: Server, connection: Connection) -> None:
    query = (
        "select current_user, current_database(), current_setting('server_encoding'),"
        " has_database_privilege(current_database(), 'CREATE'),"
        " pg_is_in_recovery() or current_setting('default_transaction_read_only')::boolean"
    )
    row = connection.execute(query).fetchone()
    assert row is not None
    role, database, encoding, may_create, read_only = row
    if encoding != "UTF8":
        raise UsageError(f"{server.place}: the database has encoding {encoding}: need UTF8")
    if read_only:
        raise UsageError(
            f"{server.place}: it takes no changes: need one that copies can be made in"
        )
    if not may_create:
        raise UsageError(
            f"{server.place}: role {role!r} cannot create a schema:"
            f' need: grant create on database "{database}" to "{role}"'
        )


def _there(server: Server, connection: Connection, name: str, mark: str) -> bool:
    """Say whether a schema is a whole copy; one of another format is dropped."""
    query = "select obj_description(oid, 'pg_namespace') from pg_namespace where nspname = %s"
    row = connection.execute(query, (name,)).fetchone()
    if row is None:
        return False
    if row[0] == mark:
        return True
    if not (row[0] or "").startswith(MARK):
        raise UsageError(f"{server.place}: schema {name} is not of taskkit: drop or rename it")
    connection.execute(f'drop schema "{name}" cascade')
    return False


def _make(connection: Connection, name: str, mark: str) -> None:
    connection.execute(f'create schema "{name}"')
    connection.execute(f"comment on schema \"{name}\" is '{mark}'")
    connection.execute(f'set local search_path = "{name}", pg_catalog')
    for function in FUNCTIONS:
        connection.execute(function)


def _fill(connection: Connection, given: Original) -> None:
    """Copy tables, rows and indexes; names are in small letters, for SQLite's have no case."""
    psycopg = driver()
    for number, (table, columns) in enumerate(given.tables()):
        name = _quoted(table)
        kinds = ", ".join(f"{_quoted(one.name)} {KINDS[one.kind]}" for one in columns)
        connection.execute(f"create table {name} ({kinds})")
        with connection.cursor() as cursor, cursor.copy(f"copy {name} from stdin") as rows:
            for row in given.rows(table):
                rows.write_row(_as_text(row, columns))
        for place, index in enumerate(given.indexes(table)):
            parts = ", ".join(map(_quoted, index))
            # a text may be longer than an index takes; queries answer the same without
            with suppress(psycopg.errors.ProgramLimitExceeded), connection.transaction():
                connection.execute(f"create index index_{number}_{place} on {name} ({parts})")
        connection.execute(f"analyze {name}")


def _as_text(row: tuple[object, ...], columns: list[Column]) -> tuple[object, ...]:
    return tuple(
        str(cell) if cell is not None and column.kind == "text" else cell
        for cell, column in zip(row, columns, strict=True)
    )


def _quoted(name: str) -> str:
    inner = name.lower().replace('"', '""')
    return f'"{inner}"'
