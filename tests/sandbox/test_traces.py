"""A sandbox leaves no process, mount, descriptor or file behind, whatever ends it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from taskkit.errors import MissingError, SandboxError, SourceError, UsageError
from taskkit.sandbox.choose import Choice, choose
from taskkit.sandbox.guest import network
from taskkit.sandbox.link import Child, Meeting
from taskkit.sandbox.namespace import Namespace, availability
from taskkit.sandbox.protocol import Backend, Program, Site
from taskkit.sandbox.subprocess import Subprocess
from taskkit.sandbox.worker import WarmWorker
from taskkit.spec.environment import Limits

SITE = Site(image="base")
LIMITS = Limits(wall_s=5)
HOST = """
import sys, time
from taskkit.sandbox.namespace import Namespace
from taskkit.sandbox.protocol import Program, Site
from taskkit.sandbox.subprocess import Subprocess
from taskkit.spec.environment import Limits
backend = {"namespace": Namespace, "subprocess": Subprocess}[sys.argv[1]]()
worker = backend.worker(Site(image="base"))
with worker.session() as session:
    session.run(Program("python", "answer = 1"), Limits())
    print("ready", flush=True)
    session.run(Program("shell", "sleep 77 & setsid sleep 77 & sleep 77"), Limits(wall_s=99))
"""

needs_namespaces = pytest.mark.skipif(
    availability() is not None, reason=f"no namespaces here; see docs/sandbox.md: {availability()}"
)


def tree(pid: int) -> list[int]:
    """Return the processes below ``pid``, as this process sees them."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(entry.name)] = int(fields[1])
    found, todo = [], [pid]
    while todo:
        parent = todo.pop()
        children = [child for child, of in parents.items() if of == parent]
        found += children
        todo += children
    return found


def guard(worker: WarmWorker) -> int:
    """Return the process that the host started for a worker."""
    assert isinstance(worker.channel.link, Child)
    return worker.channel.link.process.pid


def alive(pids: list[int]) -> list[str]:
    """Return those that still run, with their names."""
    found = []
    for pid in pids:
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            continue
        if stat.rpartition(")")[2].split()[0] not in "ZX":
            found.append(f"{pid} {stat[:60]}")
    return found


def wait_until_gone(pids: list[int]) -> None:
    deadline = time.monotonic() + 5
    while alive(pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert alive(pids) == []


@pytest.fixture(params=["namespace", "subprocess"])
def backend(request: pytest.FixtureRequest) -> Backend:
    if request.param == "namespace" and (reason := availability()):
        pytest.skip(f"no namespaces here: {reason}")
    return Namespace() if request.param == "namespace" else Subprocess()


@pytest.mark.parametrize("kind", [pytest.param("namespace", marks=needs_namespaces), "subprocess"])
def test_killing_the_host_ends_everything(kind: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOST, kind]
    own = os.environ | {"TMPDIR": str(tmp_path)}
    host = subprocess.Popen(command, stdout=subprocess.PIPE, env=own)
    assert host.stdout is not None
    assert host.stdout.readline() == b"ready\n"
    time.sleep(0.5)
    below = tree(host.pid)
    assert len(below) >= 4
    host.kill()
    host.wait()
    host.stdout.close()
    wait_until_gone(below)
    assert list(tmp_path.iterdir()) == []


@needs_namespaces
def test_killing_the_guard_ends_the_worker_and_is_told() -> None:
    worker = Namespace().worker(SITE)
    below = tree(guard(worker))
    os.kill(guard(worker), signal.SIGKILL)
    with worker.session() as session:
        try:
            outcome = session.run(Program("shell", "echo again"), LIMITS)
        except SandboxError:
            with worker.session() as second:
                outcome = second.run(Program("shell", "echo again"), LIMITS)
    assert outcome.stdout == "again\n"
    wait_until_gone(below)
    worker.close()


@needs_namespaces
def test_a_broken_session_is_an_error_and_the_next_one_works() -> None:
    worker = Namespace().worker(SITE)
    with worker.session() as session:
        session.run(Program("shell", "true"), LIMITS)
        server = tree(guard(worker))[0]
        os.kill(tree(server)[0], signal.SIGKILL)
        with pytest.raises(SandboxError, match="sandbox: "):
            session.run(Program("shell", "true"), LIMITS)
    with worker.session() as session:
        assert session.run(Program("shell", "echo well"), LIMITS).stdout == "well\n"
    worker.close()


def test_a_closed_worker_leaves_nothing(
    backend: Backend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def look() -> tuple[set[str], str, set[Path]]:
        fds = set(os.listdir("/proc/self/fd"))  # noqa: PTH208
        return fds, Path("/proc/self/mountinfo").read_text(), set(tmp_path.iterdir())

    backend.worker(SITE).close()  # the first one may load modules
    before = look()
    worker = backend.worker(SITE)
    for _ in range(5):
        with worker.session() as session:
            session.run(Program("python", "open('file', 'w').write('x')"), LIMITS)
            session.run(Program("shell", "sleep 50 & touch /tmp/x"), LIMITS)
    below = tree(os.getpid())
    worker.close()
    wait_until_gone([pid for pid in below if pid not in tree(os.getpid())])
    assert look() == before


def test_processes_do_not_pile_up(backend: Backend) -> None:
    worker = backend.worker(SITE)
    counts = []
    for _ in range(30):
        with worker.session() as session:
            session.run(Program("shell", "sleep 50 & true"), LIMITS)
        counts.append(len(alive(tree(os.getpid()))))
    worker.close()
    assert max(counts) < 12


def test_no_isolation_needs_the_users_word() -> None:
    with pytest.raises(UsageError, match="--unsafe"):
        choose("subprocess")
    assert choose("subprocess", unsafe=True).name == "subprocess"


def test_what_is_missing_comes_with_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("taskkit.sandbox.choose.availability", lambda: "unshare: EPERM")
    with pytest.raises(MissingError, match=r"sysctl -w user\.max_user_namespaces"):
        choose("auto")
    assert choose("auto", unsafe=True).name == "subprocess"


@pytest.mark.parametrize("name", ["auto", "namespace", "docker", "subprocess"])
def test_a_machine_without_proc_is_told_so_at_the_start(
    name: Choice, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("taskkit.sandbox.choose.PROCESSES", tmp_path / "none")
    with pytest.raises(MissingError, match=r"/proc is not mounted here.*mount -t proc") as raised:
        choose(name, unsafe=True)
    assert raised.value.exit_code == 3


def test_an_asset_that_is_not_there_is_named(backend: Backend, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"asset a\.sqlite: .*no such file"):
        backend.worker(Site(image="base", assets={"a.sqlite": tmp_path / "a.sqlite"}))


@pytest.mark.skipif(os.getuid() != 0, reason="only root's programs run as another user")
def test_an_asset_that_programs_could_not_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    path.touch(0o600)
    with pytest.raises(SourceError, match="chmod o\\+r"):
        Namespace().worker(Site(image="base", assets={"a.sqlite": path}))


def test_workers_hash_alike(backend: Backend) -> None:
    seen = set()
    for _ in range(4):
        worker = backend.worker(SITE)
        with worker.session() as session:
            code = "answer = list(set('abcdefgh'))"
            seen.add(session.run(Program("python", code, collect=True), LIMITS).document)
        worker.close()
    assert len(seen) == 1


def test_a_meeting_takes_one_call_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("long" * 30)
    deep.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    meeting = Meeting()
    monkeypatch.chdir(meeting.folder)
    caller = network.call("socket")
    taken = meeting.take()
    assert caller >= 0
    assert taken is not None
    os.write(caller, b"x")
    assert taken.recv(1) == b"x"
    taken.close()
    os.close(caller)
    assert list(deep.iterdir()) == []
    assert network.call(f"{meeting.folder}/socket"[:100]) == -1
