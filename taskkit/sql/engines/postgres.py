"""PostgreSQL as a second engine: a server of the user's, with a schema for every database."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING

from pydantic import JsonValue

from taskkit.errors import MissingError, UsageError
from taskkit.sql.engines.engine import MAX_ROWS, QUERY_S, EngineError, plain
from taskkit.sql.engines.postgres_dialect import POSTGRES
from taskkit.sql.engines.postgres_refusal import refusal

if TYPE_CHECKING:
    from psycopg import Connection

VARIABLE = "TASKKIT_POSTGRES"
CONNECT_S = 10  # seconds; a server that answers at all answers in less
RECOVERY_S = 20.0  # seconds in which a server that crashed may come back
PAUSE_S = 0.5
SETTINGS = {
    "connect_timeout": CONNECT_S,
    "application_name": "taskkit",
    "keepalives_idle": 30,
    "client_encoding": "UTF8",
}
"""Of a connection, unless the user's URL says otherwise."""
LIMITS = (
    "set local search_path = {schema}, pg_catalog;"  # whatever the role and the database have
    f" set local statement_timeout = '{QUERY_S:.0f}s';"
    " set local datestyle = 'ISO'; set local timezone = 'UTC';"
    " set local standard_conforming_strings = on;"
    " set local cursor_tuple_fraction = 1;"  # all rows are wanted, not the first soon
    " set local max_parallel_workers_per_gather = 0; set local jit = off"
)
"""Said in every transaction, so that a pool of connections may lie between."""
GONE = ("08", "57P")  # classes of SQLSTATE: the connection, the server's shutdown
UNDEFINED = ("42P01", "42883")  # a table, a function


class _LostError(Exception):
    """The server closed the connection, or nobody did."""


@dataclass(frozen=True)
class Server:
    """A server, as the user names it: a URL or the words of libpq."""

    url: str = field(repr=False)
    """It may hold a password."""

    @property
    def place(self) -> str:
        """Say where it is, without any password.

        Raises:
            UsageError: the URL is none.
        """
        given = self._parameters()
        host = given.get("host") or given.get("service") or "the usual socket"
        port = f":{given['port']}" if "port" in given else ""
        return f"PostgreSQL at {host}{port}/{given.get('dbname', '')}"

    def _parameters(self) -> dict[str, str]:
        psycopg = driver()
        try:
            found: dict[str, str] = psycopg.conninfo.conninfo_to_dict(self.url)
        except psycopg.ProgrammingError:
            raise UsageError(  # without what was given: it may hold a password
                "--postgres: it is no URL that libpq can read:"
                " need postgresql://USER@HOST:PORT/DATABASE or 'host=... dbname=...'"
            ) from None
        return found

    def connect(self) -> Connection:
        """Open a connection in which every statement stands for itself.

        Raises:
            MissingError: there is no such server, or it does not let us in.
            UsageError: the URL is none.
        """
        psycopg, given = driver(), self._parameters()
        try:
            made: Connection = psycopg.connect(
                autocommit=True, prepare_threshold=None, **(SETTINGS | given)
            )
        except psycopg.Error as error:
            said = " ".join(str(error).split())
            raise MissingError(
                f"{self.place}: {said}: need a running server, and a role that may connect:"
                f" --postgres or {VARIABLE}"
            ) from error
        return made


@dataclass(frozen=True)
class Schema:
    """Where a copy is."""

    server: Server
    name: str

    def open(self) -> Postgres:
        """Open a connection to the copy."""
        return Postgres(self)


class Postgres:
    """A copy that is read: in transactions that cannot write, with bounded time and rows."""

    dialect = POSTGRES

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._connection = schema.server.connect()

    def rows(self, sql: str) -> tuple[int, list[list[JsonValue]]]:
        """Give the number of columns and the rows, as plain values.

        Raises:
            EngineError: PostgreSQL refuses the query, or it takes too long, gives too many rows,
                or ends the server twice.
            MissingError: the server is gone, and does not come back.
        """
        try:
            return self._ask(sql)
        except _LostError as error:
            self._connect_again(error)
        try:
            return self._ask(sql)
        except _LostError as error:
            self._connect_again(error)
            said = f"PostgreSQL: the connection was lost twice over it: {error}"
            raise EngineError("engine_failed", said) from error

    def _ask(self, sql: str) -> tuple[int, list[list[JsonValue]]]:
        psycopg, connection = driver(), self._connection
        with self._blame(), connection.cursor() as cursor:
            try:
                limits = LIMITS.format(schema=f'"{self._schema.name}"')
                cursor.execute(f"begin isolation level repeatable read read only; {limits}")
                # binary: one statement only, since the protocol that takes several has no binary
                cursor.execute(f"declare answer no scroll cursor for {sql}", binary=True)
                cursor.execute(f"fetch {MAX_ROWS + 1} from answer")
                width, rows = len(cursor.description or ()), cursor.fetchall()
            finally:
                if not connection.closed:
                    with suppress(psycopg.OperationalError):
                        connection.rollback()
        if len(rows) > MAX_ROWS:
            raise EngineError("engine_failed", f"PostgreSQL: more than {MAX_ROWS} rows")
        return width, [[plain(cell) for cell in row] for row in rows]

    @contextmanager
    def _blame(self) -> Iterator[None]:
        try:
            yield
        except driver().Error as error:
            state = error.sqlstate or ""
            if self._connection.closed or state.startswith(GONE):
                raise _LostError(" ".join(str(error).split())) from error
            if state in UNDEFINED and not self._finds("pg_namespace", "nspname", self._schema.name):
                raise MissingError(
                    f"{self._schema.server.place}: the copy {self._schema.name} was dropped"
                    " meanwhile: run the command again"
                ) from error
            raise refusal(error, lambda name: self._finds("pg_proc", "proname", name)) from error

    def _finds(self, table: str, column: str, name: str) -> bool:
        query = f"select exists (select from pg_catalog.{table} where {column} = %s)"
        return bool(self._connection.execute(query, (name,)).fetchone() == (True,))

    def _connect_again(self, cause: Exception) -> None:
        """Open a new connection, once a server that crashed has come back.

        Raises:
            MissingError: it does not.
        """
        self.close()
        until = time.monotonic() + RECOVERY_S
        while True:
            try:
                self._connection = self._schema.server.connect()
                break
            except MissingError as error:
                if time.monotonic() > until:
                    raise MissingError(
                        f"{self._schema.server.place} is gone ({cause}): start it, and run the"
                        " command again: what was found is kept"
                    ) from error
                time.sleep(PAUSE_S)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def driver() -> ModuleType:
    """Give psycopg.

    Raises:
        MissingError: it is not installed, or lacks the library of PostgreSQL.
    """
    try:
        import psycopg
    except ImportError as error:
        raise MissingError(
            f"psycopg cannot be used ({str(error).splitlines()[0]}): --cross-check postgres needs"
            " it: pip install 'taskkit[postgres]'"
        ) from error
    return psycopg
