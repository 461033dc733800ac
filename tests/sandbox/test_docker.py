"""The docker backend keeps what every backend promises, and leaves no container behind."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from taskkit.errors import MissingError, SandboxError
from taskkit.sandbox import engine
from taskkit.sandbox.building import tags
from taskkit.sandbox.conformance import Conformance
from taskkit.sandbox.docker import Container, Docker, closed
from taskkit.sandbox.protocol import Program, Site, Worker
from taskkit.spec.environment import Limits


def reason() -> str | None:
    """Say why these tests cannot run here, and what to do; None where they can."""
    if why := engine.availability():
        return f"{why}: run `taskkit doctor`"
    client = engine.connect()
    try:
        built = tags(client, "base")
    finally:
        client.close()
    return None if built else "the image base is not built: run `taskkit images build base`"


REASON = reason()
pytestmark = [
    pytest.mark.docker,
    pytest.mark.slow,
    pytest.mark.skipif(REASON is not None, reason=str(REASON)),
]
SITE = Site(image="base")
LIMITS = Limits(wall_s=5)
HOST = """
import sys
from taskkit.sandbox.docker import Container, Docker, closed
from taskkit.sandbox.protocol import Program, Site, Worker
from taskkit.spec.environment import Limits
with Docker().worker(Site(image="base")).session() as session:
    session.run(Program("shell", "true"), Limits())
    print("ready", flush=True)
    session.run(Program("shell", "setsid sleep 77 & sleep 77"), Limits(wall_s=99))
"""


def ours() -> set[str]:
    """Return the containers of taskkit that the engine has."""
    client = engine.connect()
    try:
        found = client.containers.list(
            all=True, filters={"label": engine.OWNER}, ignore_removed=True
        )
        return {str(one.id) for one in found}
    finally:
        client.close()


@pytest.fixture
def before() -> Iterator[set[str]]:
    """Give the containers there are, and check that there are no more afterwards."""
    there = ours()
    yield there
    deadline = time.monotonic() + 20
    while ours() - there and time.monotonic() < deadline:
        time.sleep(0.2)
    assert ours() - there == set()


class TestDocker(Conformance):
    @pytest.fixture(scope="class")
    @classmethod
    def backend(cls) -> Docker:
        return Docker()


class TestOneEach(Conformance):
    """A container for each instance."""

    @pytest.fixture(scope="class")
    @classmethod
    def backend(cls) -> Docker:
        return Docker(isolation="container")

    def unharmed(self, worker: Worker) -> None:
        """One look will do: the next instance shares nothing, and each costs a container."""
        assert self.play(worker, "shell", "ls -A . && echo 1 > answer.json").document == b"1\n"


class TestCapable(Conformance):
    """A machine where an ordinary user may make no namespaces."""

    @pytest.fixture(scope="class")
    @classmethod
    def backend(cls) -> Iterator[Docker]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("taskkit.sandbox.docker.closed", lambda: "user/max_user_namespaces")
            yield Docker()


@pytest.mark.skipif(closed() is not None, reason=f"user namespaces are closed here: {closed()}")
def test_no_capability_over_the_machine_is_in_a_container() -> None:
    """What the server has counts in its own user namespace alone."""
    backend = Docker()
    worker = backend.worker(SITE)
    assert isinstance(worker.channel.link, Container)
    state = backend.client.api.inspect_container(worker.channel.link.id)
    first = Path(f"/proc/{state['State']['Pid']}")
    sets = re.findall(r"^Cap\w+:\t(\w+)", (first / "status").read_text(), re.MULTILINE)
    outer = (first / "ns/user").readlink() == Path("/proc/self/ns/user").readlink()
    worker.close()
    assert outer
    assert set(sets) == {"0" * 16}


@pytest.mark.usefixtures("before")
def test_a_closed_worker_leaves_no_container() -> None:
    worker = Docker().worker(SITE)
    with worker.session() as session:
        assert session.run(Program("shell", "echo well"), LIMITS).stdout == "well\n"
    worker.close()
    worker.close()


def test_killing_the_host_ends_the_container(before: set[str]) -> None:
    host = subprocess.Popen([sys.executable, "-c", HOST], stdout=subprocess.PIPE)
    assert host.stdout is not None
    assert host.stdout.readline() == b"ready\n"
    assert len(ours() - before) == 1
    host.kill()
    host.wait()
    host.stdout.close()


@pytest.mark.usefixtures("before")
def test_a_container_that_dies_is_an_error_and_is_replaced() -> None:
    backend = Docker()
    worker = backend.worker(SITE)
    with worker.session() as session:
        session.run(Program("shell", "true"), LIMITS)
        backend.client.api.kill(worker.channel.link.id)  # type: ignore[attr-defined]
        with pytest.raises(SandboxError, match="sandbox: "):
            session.run(Program("shell", "true"), LIMITS)
    with worker.session() as session:
        assert session.run(Program("shell", "echo well"), LIMITS).stdout == "well\n"
    worker.close()


@pytest.mark.usefixtures("before")
def test_isolation_by_container_gives_each_instance_its_own() -> None:
    worker = Docker(isolation="container").worker(SITE)
    seen = set()
    for _ in range(3):
        with worker.session() as session:
            session.run(Program("shell", "true"), LIMITS)
            seen.add(worker.channel.link.id)  # type: ignore[attr-defined]
    worker.close()
    assert len(seen) == 3


def test_an_image_that_is_not_built_says_how(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("taskkit.sandbox.building.digest", lambda folder: "0" * 64)
    with pytest.raises(MissingError, match="taskkit images build base"):
        Docker().worker(SITE)


def test_what_a_dead_run_left_is_found_and_what_a_living_one_uses_is_not() -> None:
    client = engine.connect()
    worker = Docker().worker(SITE)
    image = tags(client, "base")[0]
    dead = engine.owner(1).replace(" 1 ", " 4194305 ")  # above every number a process has
    left = client.containers.create(image, ["true"], labels={engine.OWNER: dead})
    try:
        found = {one.id for one in engine.leftovers(client)}
        assert left.id in found
        assert worker.channel.link.id not in found  # type: ignore[attr-defined]
    finally:
        engine.remove(left)
        worker.close()
        client.close()
