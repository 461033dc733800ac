"""References are asked of a PostgreSQL server too; what the server lacks or does is told."""

from __future__ import annotations

import random
import sqlite3
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from taskkit.errors import MissingError, UsageError
from taskkit.sql.engines import postgres as module
from taskkit.sql.engines.engine import Engine, EngineError
from taskkit.sql.engines.postgres import Postgres, Server
from taskkit.sql.engines.postgres_copy import Schemas
from taskkit.taskset.folder import Taskset
from tests.taskset.building import build
from tests.verify.cluster import Cluster
from tests.verify.test_engines import asked, found

LONG = "select count(*) from generate_series(1, 100000) a, generate_series(1, 100000) b"
END = (
    "select pid, pg_terminate_backend(pid) from pg_stat_activity"
    " where query like 'fetch%' and state = 'active'"
)
SOON_S = 0.1


@pytest.fixture
def own() -> Iterator[Cluster]:
    """A server that the test may end."""
    pytest.importorskip("psycopg")
    made = Cluster()
    yield made
    made.remove()


@pytest.mark.parametrize(
    ("sql", "code", "said"),
    [
        ("select sum(days) / count(*) from stay where id < 3", "integer_division", "[[3.5]]"),
        ("select count(*) from stay where note like 'FEV%'", "like_case", "SQLite [[1]]"),
        ("select count(*) from stay where ward < 8", "text_affinity", "text < integer"),
        ("select count(*) from stay where days < 'many'", "text_affinity", "bigint"),
        ("select sum(began) from stay", "text_affinity", "sum(text)"),
        ("select case when days > 3 then note else 0 end from stay", "text_affinity", "CASE"),
        ("select ward, max(days), id from stay", "bare_column", "GROUP BY"),
        ("select distinct ward from stay order by days", "bare_column", "DISTINCT"),
        ('select count(*) from stay where ward = "z"', "quoted_text", 'column "z"'),
        ('select count(*) from stay as s where s.ward = "Z z"', "quoted_text", 'column "z z"'),
    ],
)
def test_a_dependence_on_the_engine_is_a_finding_with_its_name(
    postgres: Engine, ward: Path, sql: str, code: str, said: str
) -> None:
    name, detail = found(postgres, ward, sql)
    assert (name, said in detail) == (code, True), detail


def test_an_answer_that_is_other_for_no_known_reason_differs(postgres: Engine, ward: Path) -> None:
    code, detail = found(postgres, ward, "select count(*), length(avg(days) || '') from stay")
    assert code == "differs"
    assert detail == "SQLite [[4, 4]], PostgreSQL [[4, 18]]"


@pytest.mark.parametrize(
    "sql",
    [
        "select days / 2, -days / 2, days % 2, days % 0 from stay",  # PostgreSQL cuts too
        "select cast('12abc' as integer), cast(note as real), cast('1.5e1x' as real) from stay",
        "select strftime('%d.%m.%Y at %H h', began), strftime('%j', began) from stay",
        "select round(2.5), round(-2.5), round(days / 2.0) from stay",
        r"select count(*) from stay where note like '\%' or note like 'Fe_er'",
        "select (days > 3) + (ward = 'a'), days > 3 = 1 from stay",
        "select ward from stay group by ward having max(days > 3) and not sum(days) - 7",
        "select ward from (select ward, max(days > 3) as one, min(days) > 3 as every from stay"
        " group by ward) where one and not every",
        "select max(ward > 'a'), avg(days > 3), sum(not days > 3) from stay",
    ],
)
def test_what_postgres_says_otherwise_agrees(postgres: Engine, ward: Path, sql: str) -> None:
    assert found(postgres, ward, sql) == ("agrees", "")


@pytest.mark.parametrize(
    ("sql", "construct"),
    [
        ("select id from stay where ward glob 'a*'", "GLOB"),
        ("select strftime('%w', began) from stay", "strftime format %w"),
        ("select rowid from stay", "rowid"),
        ("select s.rowid from stay as s", "rowid"),
        ("select weight % 2 from stay", "operator does not exist: double precision % "),
    ],
)
def test_what_has_no_counterpart_is_named(
    postgres: Engine, ward: Path, sql: str, construct: str
) -> None:
    code, detail = found(postgres, ward, sql)
    assert (code, construct in detail) == ("untranslated", True), detail


@pytest.mark.parametrize(
    "sql",
    [
        "with gone as (delete from stay returning id) select * from gone",
        "select 1; create table other (id integer)",
        "select 1; commit; drop table stay",
        "select nextval('public.counter')",
        "select * into other from stay",
    ],
)
def test_a_query_cannot_write(postgres: Engine, cluster: Cluster, sql: str) -> None:
    cluster.execute("create sequence if not exists public.counter")
    with pytest.raises(EngineError):
        postgres.rows(sql)
    assert postgres.rows("select count(*) from stay")[1] == [[4]]


def test_a_query_that_takes_too_long_is_stopped(
    postgres: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LIMITS", module.LIMITS.replace("'30s'", "'100ms'"))
    with pytest.raises(EngineError, match="timeout") as error:
        postgres.rows(LONG)
    assert error.value.code == "engine_failed"


def test_the_role_s_own_search_path_does_not_matter(cluster: Cluster, ward: Path) -> None:
    cluster.execute("create table public.stay (other integer)")
    cluster.execute("create role elsewhere superuser login password 'right'")
    cluster.execute("alter role elsewhere set search_path = public")
    copy = Schemas(cluster.url("elsewhere", "right")).copy(ward, "ab" * 32)
    engine = copy.open()
    assert engine.rows("select count(ward) from stay") == (1, [[4]])
    engine.close()


def test_a_copy_is_made_once_and_dropped(cluster: Cluster, ward: Path) -> None:
    server, digest = Schemas(cluster.url()), "cd" * 32
    where = f"select to_regclass('{server.copy(ward, digest).name}.stay')::oid"
    first = cluster.execute(where)
    server.copy(ward, digest)
    assert cluster.execute(where) == first
    assert digest[:40] in str(server.found())
    assert server.drop() >= 1
    assert (cluster.execute(where), server.found()) == ([(None,)], [])


def test_a_copy_of_another_format_is_made_anew(
    cluster: Cluster, ward: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, digest = Schemas(cluster.url()), "ef" * 32
    monkeypatch.setattr("taskkit.sql.engines.postgres_copy.FUNCTIONS", ())
    monkeypatch.setattr("taskkit.sql.engines.postgres_copy.FORMAT", 0)
    name = server.copy(ward, digest).name
    monkeypatch.undo()
    engine = server.copy(ward, digest).open()
    assert engine.rows("select sqlite_date(began) from stay where id = 1")[1] == [["2105-01-31"]]
    engine.close()
    cluster.execute(f"comment on schema {name} is 'mine'")
    with pytest.raises(UsageError, match=rf"schema {name} is not of taskkit: drop or rename it"):
        server.copy(ward, digest)
    cluster.execute(f"drop schema {name} cascade")


def test_a_copy_that_fails_leaves_nothing(cluster: Cluster, tmp_path: Path) -> None:
    path = tmp_path / "no.sqlite"
    path.write_bytes(b"SQLite format 3\0 and no more")
    with pytest.raises(Exception, match=r"no\.sqlite: copying to PostgreSQL"):
        Schemas(cluster.url()).copy(path, "99" * 32)
    assert (
        cluster.execute(f"select from pg_namespace where nspname like 'taskkit_{'99' * 5}%'") == []
    )


def test_a_copy_that_is_dropped_meanwhile_is_told(cluster: Cluster, ward: Path) -> None:
    server = Schemas(cluster.url())
    engine = server.copy(ward, "12" * 32).open()
    cluster.execute(f"drop schema taskkit_{'12' * 20} cascade")
    with pytest.raises(MissingError, match="was dropped meanwhile: run the command again"):
        engine.rows("select count(*) from stay")
    engine.close()


def test_a_server_that_comes_back_is_asked_again(own: Cluster, ward: Path) -> None:
    engine = Schemas(own.url()).copy(ward, "34" * 32).open()
    own.kill()
    own.start()
    assert engine.rows("select count(*) from stay") == (1, [[4]])
    engine.close()


def test_a_query_that_ends_the_server_twice_is_a_failure(own: Cluster, ward: Path) -> None:
    engine = Schemas(own.url()).copy(ward, "56" * 32).open()

    over = threading.Event()

    def end() -> None:
        ended: set[object] = set()
        while len(ended) < 2 and not over.wait(SOON_S):
            ended |= {pid for pid, _ in own.execute(END)}

    thread = threading.Thread(target=end)
    thread.start()
    with pytest.raises(EngineError, match="the connection was lost twice over it") as error:
        engine.rows(LONG)
    over.set()
    thread.join()
    assert error.value.code == "engine_failed"
    assert engine.rows("select count(*) from stay") == (1, [[4]])
    engine.close()


def test_a_server_that_is_gone_ends_the_run_and_what_is_done_is_kept(
    own: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Worker processes import taskkit anew, so that they are given a patience by a file."""
    taskset, server = Taskset(build(tmp_path / "toy", 40)), Schemas(own.url())
    monkeypatch.setattr("taskkit.sql.engines.comparison.Pool", _Ending)
    monkeypatch.setattr(module, "RECOVERY_S", 0.0)
    monkeypatch.setattr(_Ending, "own", own, raising=False)
    report = asked(taskset, server)
    assert report.codes == {"agrees": 3, "engine_failed": 37}
    assert "is gone" in report.stopped
    assert "what was found is kept" in report.stopped
    monkeypatch.undo()
    own.start()
    seen: list[str] = []
    again = asked(taskset, server, seen)
    assert (again.codes, again.stopped, len(seen)) == ({"agrees": 40}, "", 37)


class _Ending:
    """Does the jobs of a pool in this process, and ends the server after some."""

    own: Cluster

    def __init__(self, size: int, make: object) -> None:
        assert callable(make)
        self._hand = make()

    def run(self, jobs: Iterator[object]) -> Iterator[tuple[object, object]]:
        for number, job in enumerate(jobs):
            if number == 3:
                self.own.kill()
            yield job, self._hand.do(job)

    def close(self) -> None:
        self._hand.close()


@pytest.mark.parametrize(
    ("url", "error", "said"),
    [
        ("postgresql://u:secret@[broken", UsageError, "it is no URL that libpq can read"),
        ("no words", UsageError, "it is no URL that libpq can read"),
        ("postgresql://u:secret@127.0.0.1:1/db", MissingError, "at 127.0.0.1:1/db: connection"),
        ("postgresql:///db?host=/nowhere", MissingError, "at /nowhere/db: connection"),
    ],
)
def test_a_wrong_url_is_told_without_the_password(
    url: str, error: type[Exception], said: str
) -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(error) as caught:
        Schemas(url)
    assert said in str(caught.value)
    assert "secret" not in f"{caught.value}{Server(url)!r}"


def test_a_wrong_password_and_a_role_without_rights_are_told(cluster: Cluster, ward: Path) -> None:
    cluster.execute("create role reader login password 'right'")
    with pytest.raises(MissingError, match="password authentication failed") as caught:
        Schemas(cluster.url("reader", "wrong"))
    assert "need a running server, and a role that may connect" in str(caught.value)
    with pytest.raises(UsageError, match='grant create on database "postgres" to "reader"'):
        Schemas(cluster.url("reader", "right"))
    with pytest.raises(MissingError, match='database "none" does not exist'):
        Schemas(cluster.url(database="none"))


def test_a_database_in_another_encoding_is_refused(cluster: Cluster) -> None:
    cluster.execute("create database latin encoding 'LATIN1' template template0")
    with pytest.raises(UsageError, match="the database has encoding LATIN1: need UTF8"):
        Schemas(cluster.url(database="latin"))


def test_a_missing_driver_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingError, match=r"pip install 'taskkit\[postgres\]'"):
        Schemas("postgresql:///db")


def test_a_text_that_is_too_long_for_an_index_is_copied(cluster: Cluster, tmp_path: Path) -> None:
    path, long = tmp_path / "long.sqlite", random.Random(0).randbytes(20_000).hex()
    with sqlite3.connect(path) as connection:
        connection.execute("create table note (row_id integer primary key, words text, code blob)")
        connection.execute("insert into note values (1, ?, x'00ff'), (2, 'short', null)", (long,))
        connection.execute("create index by_words on note (words)")
    engine: Postgres = Schemas(cluster.url()).copy(path, "78" * 32).open()
    assert engine.rows("select row_id from note where length(words) = 40000") == (1, [[1]])
    engine.close()
