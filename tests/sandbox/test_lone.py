"""A query by itself: told apart as any program, and nothing of it is left."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from taskkit.errors import SandboxError, UsageError
from taskkit.sandbox.link import Child
from taskkit.sandbox.namespace import Namespace, availability
from taskkit.sandbox.protocol import Pending, Program, Site
from taskkit.sandbox.worker import WarmWorker
from taskkit.spec.environment import Limits

pytestmark = pytest.mark.skipif(
    availability() is not None, reason=f"no namespaces here; see docs/sandbox.md: {availability()}"
)
ENDLESS = "with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n"
LEFT = """
import re
found = set()
with open("/proc/self/mem", "rb", 0) as memory:
    for line in open("/proc/self/maps"):
        start, end = (int(part, 16) for part in line.split()[0].split("-"))
        if "rw" in line and end - start < 1 << 28:
            try:
                memory.seek(start)
                found.update(re.findall(rb"CANARY-[0-9a-f]{32}", memory.read(end - start)))
            except (OSError, ValueError):
                pass
answer = sorted(text.decode() for text in found)
"""


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[WarmWorker]:
    tmp_path.chmod(0o755)
    for number in (1, 2):
        path = tmp_path / f"{number}.sqlite"
        connection = sqlite3.connect(path)
        connection.execute("create table t as select ? as a", (number,))
        connection.commit()
        connection.close()
        path.chmod(0o644)
    note = tmp_path / "note.txt"
    note.write_text("no database\n" * 100)
    files = {path.name: path for path in tmp_path.iterdir()}
    made = Namespace().worker(Site("sql", files))
    yield made
    made.close()


def sql(code: str, database: str = "1.sqlite") -> Program:
    return Program("sql", code, database, collect=True)


@pytest.mark.parametrize("number", [1, 2])
def test_each_database_answers_for_itself(worker: WarmWorker, number: int) -> None:
    with worker.session() as session:
        outcome = session.run(sql("select a from t", f"{number}.sqlite"), Limits())
    assert outcome.document == b'{"columns": ["a"], "rows": [[%d]]}' % number


def test_a_file_that_is_no_database_is_the_querys_error(worker: WarmWorker) -> None:
    with worker.session() as session:
        outcome = session.run(sql("select 1 from t", "note.txt"), Limits())
        again = session.run(sql("select 1"), Limits())
    assert (outcome.status, outcome.exit_code) == ("error", 1)
    assert "file is not a database" in outcome.stderr
    assert again.status == "ok"


def test_a_query_without_end_runs_out_of_wall_time(worker: WarmWorker) -> None:
    with worker.session() as session:
        outcome = session.run(sql(ENDLESS), Limits(wall_s=0.5))
        again = session.run(sql("select 1"), Limits())
    assert (outcome.status, outcome.exit_code, outcome.document) == ("timeout", None, None)
    assert again.status == "ok"


def test_a_query_without_end_runs_out_of_cpu_time(worker: WarmWorker) -> None:
    with worker.session() as session:
        outcome = session.run(sql(ENDLESS), Limits(wall_s=60, cpu_s=1))
    assert (outcome.status, outcome.document) == ("timeout", None)


def test_an_answer_of_exactly_the_limit_is_kept_and_one_byte_more_is_not(
    worker: WarmWorker,
) -> None:
    frame = len('{"columns": ["a"], "rows": [[""]]}')
    limits = Limits(output_kib=64)
    with worker.session() as session:
        fits, over = (
            session.run(sql(f"select '{'x' * (size - frame)}' as a"), limits)
            for size in (64 * 1024, 64 * 1024 + 1)
        )
    assert (fits.status, len(fits.document or b"")) == ("ok", 64 * 1024)
    assert (over.status, over.document) == ("output_limit", None)


def test_queries_leave_the_files_of_the_session_alone(worker: WarmWorker) -> None:
    with worker.session() as session:
        session.run(sql("select 1"), Limits())
        session.run(Program("shell", "echo kept > /workspace/a"), Limits())
        between = session.run(sql("select a from t"), Limits())
        after = session.run(Program("shell", "cat /workspace/a"), Limits())
    assert between.status == "ok"
    assert after.stdout == "kept\n"


def test_nothing_of_a_query_is_in_the_memory_of_later_programs(worker: WarmWorker) -> None:
    secret = secrets.token_hex(16)
    planted = sql(f"select 'CANARY-' || '{secret}' as a, 'CANARY-{secret}' as b")
    with worker.session() as session:
        assert session.run(planted, Limits()).status == "ok"
    with worker.session() as session:
        looked = session.run(Program("python", LEFT, collect=True), Limits())
        blind = session.run(
            Program("python", f"kept = b'CANARY-' + b'{secret}'\n{LEFT}", collect=True), Limits()
        )
    assert looked.document == b"[]"
    assert secret.encode() in (blind.document or b"")  # else the search finds nothing anywhere


def begin(worker: WarmWorker, stack: ExitStack, *codes: str, wall_s: float = 10) -> list[Pending]:
    """Begin a query in a session of its own for each code."""
    return [
        stack.enter_context(worker.session()).begin(sql(code), Limits(wall_s=wall_s))
        for code in codes
    ]


def answers(begun: list[Pending]) -> list[bytes | None]:
    return [one.outcome().document for one in begun]


def row(value: object) -> bytes:
    return b'{"columns": ["a"], "rows": [[%s]]}' % str(value).encode()


@pytest.mark.parametrize("count", [2, 30])
def test_queries_that_were_begun_together_each_have_their_answer(
    worker: WarmWorker, count: int
) -> None:
    with ExitStack() as stack:
        begun = begin(worker, stack, *(f"select {n} as a" for n in range(count)))
        backwards = answers(begun[::-1])
    assert backwards == [row(n) for n in range(count)][::-1]


def test_among_others_too_each_end_is_told_apart(worker: WarmWorker) -> None:
    codes = ("select 1 as a", ENDLESS, "select no", "select 4 as a")
    with ExitStack() as stack:
        outcomes = [one.outcome() for one in begin(worker, stack, *codes, wall_s=0.5)]
    assert [one.status for one in outcomes] == ["ok", "timeout", "error", "ok"]
    assert [one.document for one in outcomes] == [row(1), None, None, row(4)]


def test_queries_and_answers_larger_than_any_pipe_do_not_block_each_other(
    worker: WarmWorker,
) -> None:
    long = "x" * 100_000
    codes = [f"select '{long}' as a", "select hex(zeroblob(60000)) as a"] * 6
    with ExitStack() as stack:
        found = answers(begin(worker, stack, *codes))
    assert found == [row(f'"{long}"'), row('"' + "0" * 120_000 + '"')] * 6


def test_a_query_that_nobody_waits_for_is_no_answer_of_the_next(worker: WarmWorker) -> None:
    with worker.session() as session:
        session.begin(sql("select 1 as a"), Limits())
    with worker.session() as session:
        assert session.run(sql("select 2 as a"), Limits()).document == row(2)


def test_a_program_behind_queries_gets_its_own_end(worker: WarmWorker) -> None:
    with ExitStack() as stack:
        begun = begin(worker, stack, "select 1 as a", "select 2 as a")
        session = stack.enter_context(worker.session())
        shell = session.run(Program("shell", "echo of its own"), Limits())
    assert shell.stdout == "of its own\n"
    assert answers(begun) == [row(1), row(2)]


def test_beside_a_session_that_is_open_none_begins(worker: WarmWorker) -> None:
    with worker.session() as first, worker.session() as second:
        first.run(Program("shell", "true"), Limits())
        with pytest.raises(UsageError, match="another session of the worker is open"):
            second.begin(sql("select 1"), Limits())
    with worker.session() as third:
        assert third.run(sql("select 3 as a"), Limits()).document == row(3)


def test_a_server_that_dies_takes_all_that_was_begun_with_it(worker: WarmWorker) -> None:
    with ExitStack() as stack:
        begun = begin(worker, stack, ENDLESS, "select 2 as a")
        link = worker.channel.link
        assert isinstance(link, Child)
        link.process.kill()
        for one in begun:
            with pytest.raises(SandboxError):
                one.outcome()
    with worker.session() as session:
        assert session.run(sql("select 3 as a"), Limits()).document == row(3)
