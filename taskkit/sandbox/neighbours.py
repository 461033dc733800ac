"""Tests of what is beside an instance: its services, and other instances open at once."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from taskkit.errors import SandboxError, UsageError
from taskkit.oracles.evidence import Change
from taskkit.sandbox import attacks, dialling
from taskkit.sandbox.attacks import Attack
from taskkit.sandbox.protocol import Backend, Program, Session, Site, Worker
from taskkit.sandbox.service import Endpoint
from taskkit.sandbox.shelf import prepare
from taskkit.spec.environment import Limits

PORT = 18931
LIMITS = Limits(wall_s=60, cpu_s=30, memory_mib=256, processes=32, disk_mib=32, output_kib=64)
HTTP = """
import urllib.request
def ask(method, key, text=None):
    data = None if text is None else text.encode()
    url = f"http://127.0.0.1:{port}/{key}"
    with urllib.request.urlopen(urllib.request.Request(url, data, method=method), timeout=9) as got:
        return got.read().decode()
"""
ASYNC = """
import asyncio
async def get():
    reader, writer = await asyncio.open_connection("localhost", {port})
    writer.write(b"GET /old HTTP/1.0\\r\\n\\r\\n")
    return (await reader.read()).split(b"\\r\\n")[-1].decode()
answer = asyncio.run(get())
"""


BESIDE = dialling.DIALLING + attacks.READING + attacks.PASSING


def asking(code: str) -> str:
    """A program that asks the service."""
    return (HTTP + code).replace("{port}", str(PORT))


class Neighbours:
    """What a sandbox promises of services and of sessions side by side."""

    isolated: bool

    @pytest.fixture(scope="class")
    @classmethod
    def data(cls, tmp_path_factory: pytest.TempPathFactory) -> Path:
        """Give the file that the service starts with; no program may find it."""
        path = tmp_path_factory.mktemp("service") / "shelf.json"
        secret = f"TASKKIT-{0xABCDEF:032x}"
        path.write_text(json.dumps({"old": "of the start", "kept": "untouched", "key": secret}))
        return path

    @pytest.fixture(scope="class")
    @classmethod
    def served(cls, backend: Backend, site: Site, data: Path) -> Iterator[Worker]:
        """Give a worker whose sessions have a service beside them."""
        parent = prepare(data, {})
        worker = backend.worker(replace(site, services={"shelf": Endpoint(parent, PORT)}))
        yield worker
        worker.close()
        parent.close()

    def ask(self, session: Session, code: str) -> object:
        """Run a program that asks the service, and return its answer."""
        outcome = session.run(Program("python", asking(code), collect=True), LIMITS)
        assert outcome.document is not None, outcome
        return json.loads(outcome.document)

    def test_a_program_reaches_its_service_and_the_judge_reads_what_changed(
        self, served: Worker
    ) -> None:
        """The agent writes by HTTP; what it wrote is read from outside."""
        with served.session() as session:
            assert self.ask(session, "answer = ask('GET', 'old')") == "of the start"
            code = "ask('PUT', 'new', 'a'); ask('PUT', 'old', 'b'); answer = ask('DELETE', 'key')"
            assert self.ask(session, code) == "removed"
            shelf = session.services["shelf"]
            assert shelf.get("/new") == (200, b"a")
            key, new, old = shelf.changes()
        assert (key.op, key.key, key.after) == ("deleted", "key", None)
        assert new == Change("created", "new", None, "a")
        assert old == Change("updated", "old", "of the start", "b")

    def test_every_session_has_the_service_as_it_was(self, served: Worker) -> None:
        """What one instance changed is gone in the next, and none need run a program."""
        with served.session() as session:
            self.ask(session, "answer = ask('PUT', 'old', 'other')")
        with served.session() as session:
            assert session.services["shelf"].changes() == []
            assert session.services["shelf"].get("/old") == (200, b"of the start")
            assert self.ask(session, "answer = ask('GET', 'old')") == "of the start"

    def test_clients_that_wait_for_many_things_work(self, served: Worker) -> None:
        """asyncio connects by name."""
        with served.session() as session:
            assert self.ask(session, ASYNC) == "of the start"

    def test_instances_side_by_side_have_a_service_each(self, served: Worker) -> None:
        """The same port leads each to its own."""
        if not self.isolated or served.capacity == 1:
            pytest.skip("this backend opens no two in one worker, or has one port for all")
        with served.session() as here, served.session() as there:
            self.ask(here, "answer = ask('PUT', 'old', 'mine')")
            assert self.ask(there, "answer = ask('GET', 'old')") == "of the start"
            assert self.ask(here, "answer = ask('GET', 'old')") == "mine"
            assert there.services["shelf"].changes() == []

    @pytest.mark.parametrize(
        "attack",
        BESIDE,
        ids=lambda attack: attack.name,
    )
    def test_beside_a_service_holds_a_program_that(
        self, attack: Attack, served: Worker, data: Path
    ) -> None:
        """The agent reaches the service and nothing else, never its files."""
        if attack.isolated and not self.isolated:
            pytest.skip("a backend without isolation cannot hold it")
        with socket.create_server(("127.0.0.1", 0)) as other, served.session() as session:
            text = json.loads(data.read_text())["key"]
            code = attack.filled(data).replace("{port}", str(PORT))
            code = code.replace("{other}", str(other.getsockname()[1])).replace("{text}", text)
            outcome = session.run(Program(attack.language, code), LIMITS)
            assert "BREACH" not in outcome.stdout + outcome.stderr, outcome
            assert outcome.status in attack.ends, outcome
        with served.session() as session:
            assert self.ask(session, "answer = ask('GET', 'old')") == "of the start"

    def test_sessions_open_at_once_do_not_wait_for_each_other(self, worker: Worker) -> None:
        """Programs run side by side, each session with its own files; a plain one beside them."""
        code = "import os, time; time.sleep(1); open('own', 'x'); answer = os.listdir('.')"
        program = Program("python", code, collect=True)
        count = min(3, worker.capacity)
        with contextlib.ExitStack() as stack:
            sessions = [stack.enter_context(worker.session(concurrent=True)) for _ in range(count)]
            begun = time.monotonic()
            pending = [session.begin(program, LIMITS) for session in sessions]
            with worker.session() as plain:
                assert plain.run(Program("shell", "ls"), LIMITS).stdout == ""
            documents = [each.outcome().document for each in pending]
            assert time.monotonic() - begun < 1 + 0.9 * count
            assert documents == [b'["own"]'] * count
            again = [session.run(Program("shell", "ls"), LIMITS).stdout for session in sessions]
        assert again == ["own\n"] * count

    def test_sessions_open_at_once_are_bounded(self, worker: Worker) -> None:
        """One more than the capacity is refused, and room is made by closing one."""
        with contextlib.ExitStack() as stack:
            for _ in range(worker.capacity):
                stack.enter_context(worker.session(concurrent=True))
            with (
                pytest.raises(UsageError, match="close one first"),
                worker.session(concurrent=True),
            ):
                pass
        with worker.session(concurrent=True) as session:
            assert session.run(Program("shell", "echo 1"), LIMITS).stdout == "1\n"

    def test_sessions_open_at_once_see_nothing_of_each_other(self, worker: Worker) -> None:
        """Neither files nor processes nor sockets, however the other one tries."""
        if not self.isolated or worker.capacity == 1:
            pytest.skip("this backend opens no two in one worker, or cannot keep them apart")
        named = f"python3 -c '{dialling.NAMED}' &"
        leave = f"echo x > /tmp/kept; sleep 55.125 & {named}\nsleep 1"
        with worker.session(concurrent=True) as one, worker.session(concurrent=True) as other:
            waiting = one.begin(Program("shell", leave), LIMITS)
            time.sleep(0.5)
            look = Program("python", dialling.LOOK)
            seen = other.run(look, LIMITS)
            assert seen.stdout == "held\n", seen
            assert waiting.outcome().status == "ok"

    def test_a_session_that_breaks_leaves_the_others(self, worker: Worker) -> None:
        """Its end is an error of its own."""
        if worker.capacity == 1:
            pytest.skip("this backend opens no two in one worker")
        with worker.session(concurrent=True) as one, worker.session(concurrent=True) as other:
            one.run(Program("shell", "true"), LIMITS)
            other.run(Program("shell", "true"), LIMITS)
            one.channel.link.end()  # type: ignore[attr-defined]
            with pytest.raises((SandboxError, OSError)):
                one.run(Program("shell", "true"), LIMITS)
            assert other.run(Program("shell", "echo well"), LIMITS).stdout == "well\n"
