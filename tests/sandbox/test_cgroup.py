"""Where the machine has cgroups for us, the kernel holds programs to their limits there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from taskkit.sandbox import cgroup, environments, machine
from taskkit.sandbox.cgroup import LEAF, Ground, locate
from taskkit.sandbox.guest.cgroup import SLACK, Groups
from taskkit.sandbox.namespace import Namespace, availability
from taskkit.sandbox.protocol import Program, Site, Worker
from taskkit.spec.environment import Limits

LIMITS = Limits(wall_s=60, cpu_s=30, memory_mib=128, processes=32, disk_mib=32, output_kib=64)
NONE_HERE = cgroup.ground().base is None
needed = pytest.mark.skipif(
    NONE_HERE or availability() is not None, reason=f"no cgroups: {cgroup.ground().reason}"
)

V1 = "31 25 0:27 / /sys/fs/cgroup/memory rw,nosuid - cgroup cgroup rw,memory\n"
V2 = "31 25 0:27 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n"
SCOPE = "/user.slice/user-1000.slice/user@1000.service/app.slice/run-u1.scope"


@pytest.mark.parametrize(
    ("cgroups", "mounts", "found"),
    [
        ("4:memory:/jobs/7\n0::/\n", V1, (1, "/sys/fs/cgroup/memory/jobs/7")),
        (f"0::{SCOPE}\n", V2, (2, f"/sys/fs/cgroup{SCOPE}")),
        ("0::/\n", V2, (2, "/sys/fs/cgroup")),
        ("4:memory:/\n0::/\n", V2 + V1, (1, "/sys/fs/cgroup/memory")),
        ("0::/docker/ab/x\n", V2.replace("0:27 /", "0:27 /docker/ab"), (2, "/sys/fs/cgroup/x")),
        ("0::/docker/abc\n", V2.replace("0:27 /", "0:27 /docker/ab"), (2, None)),
        ("0::/\n", V2.replace("/sys/fs/cgroup", r"/mnt/a\040b"), (2, "/mnt/a b")),
        ("0::/x\n", "", (2, None)),
        ("1:cpu:/\n", "1 1 0:1 / /c rw - cgroup c rw,cpu\n", (0, None)),
    ],
    ids=[
        "version 1", "version 2", "root", "both", "container", "another container", "blank in path",
        "not mounted", "without memory",
    ],
)  # fmt: skip
def test_the_cgroup_of_a_process_is_found(
    cgroups: str, mounts: str, found: tuple[int, str | None]
) -> None:
    version, path = locate(cgroups, mounts)
    assert (version, path and str(path)) == found


def divided(folder: Path, controllers: str, handed: str) -> Path:
    """A folder that looks like a cgroup of version 2."""
    folder.mkdir()
    (folder / "cgroup.controllers").write_text(controllers)
    (folder / "cgroup.subtree_control").write_text(handed)
    return folder


def test_others_are_made_beside_the_leaf_that_we_moved_to(tmp_path: Path) -> None:
    base = divided(tmp_path / "scope", "memory pids\n", "memory pids\n")
    leaf = divided(base / LEAF, "memory pids\n", "")
    assert cgroup._divide(leaf) == base
    assert cgroup._divide(base) == base


def test_a_cgroup_without_the_controller_of_memory_is_of_no_use(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="no controller of memory"):
        cgroup._divide(divided(tmp_path / "scope", "cpu pids\n", ""))


def test_processes_of_others_are_not_moved(tmp_path: Path) -> None:
    base = divided(tmp_path / "scope", "memory\n", "")
    (tmp_path / "cgroup.procs").write_text("")
    (base / "cgroup.procs").write_text("1\n")
    with pytest.raises(OSError, match="other programs run in it"):
        cgroup._vacate(base)


@pytest.mark.parametrize(
    ("ground", "state", "said"),
    [
        (Ground(1, Path("/c")), "ok", "version 1: workers have some below /c, where a trial"),
        (Ground(2, None, reason="/c: Permission denied"), "note", "version 2, none for us: /c: Pe"),
        (Ground(0, None, reason="none is mounted that bounds memory"), "note", "none is mounted"),
    ],
)
def test_the_doctor_says_what_cgroups_there_are(
    monkeypatch: pytest.MonkeyPatch, ground: Ground, state: str, said: str
) -> None:
    monkeypatch.setattr("taskkit.sandbox.cgroup.ground", lambda: ground)
    fact = machine._cgroups()
    assert fact.state == state
    assert fact.detail.startswith(said)
    assert any("-p Delegate=yes taskkit" in step for step in fact.steps) == (state != "ok")


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    worker = Namespace().worker(Site("base"))
    yield worker
    worker.close()


def folder(worker: Worker, slot: int = 0) -> Path:
    """The cgroup of a session."""
    place = worker.channel.link.group  # type: ignore[attr-defined]
    return Path(place["base"], place["name"], str(slot))


@needed
def test_the_kernel_is_told_the_limits_of_the_task(worker: Worker) -> None:
    with worker.session() as session:
        session.run(Program("shell", "true"), LIMITS)
    version = cgroup.ground().version
    name = {1: "memory.limit_in_bytes", 2: "memory.max"}[version]
    assert int((folder(worker) / name).read_text()) == (160 << 20) + SLACK
    if version == 2:
        assert (folder(worker) / "pids.max").read_text() == "48\n"  # with those of ours


HOARD = """
import mmap, os
pid = os.fork()
if pid == 0:
    kept = mmap.mmap(-1, 1 << 30)
    for at in range(0, 1 << 30, 4096):
        kept[at] = 1
answer = os.waitpid(pid, 0)[1]
"""


@needed
@pytest.mark.parametrize("concurrent", [False, True])
def test_a_process_that_the_kernel_kills_ends_its_program(
    worker: Worker, *, concurrent: bool
) -> None:
    """What is short of memory is the task's, not the sandbox's."""
    with worker.session(concurrent=concurrent) as session:
        outcome = session.run(Program("python", HOARD, collect=True), LIMITS)
        assert (outcome.status, outcome.exit_code, outcome.document) == (
            "out_of_memory",
            None,
            None,
        )
        assert session.run(Program("shell", "echo well"), LIMITS).stdout == "well\n"


@needed
def test_sessions_beside_each_other_have_a_limit_each(worker: Worker) -> None:
    hold = "import time; kept = b'x' * (100 << 20); time.sleep(1); answer = len(kept) >> 20"
    program = Program("python", hold, collect=True)
    with worker.session(concurrent=True) as one, worker.session(concurrent=True) as other:
        pending = [session.begin(program, LIMITS) for session in (one, other)]
        assert [each.outcome().document for each in pending] == [b"100", b"100"]
    assert folder(worker, 2).is_dir()


@needed
def test_what_a_zygote_has_loaded_counts_for_no_program() -> None:
    if environments.find("sql") is None:
        pytest.skip("the packages of the image sql are not prepared here")
    worker = Namespace().worker(Site("sql", preload=("pandas",)))
    program = Program(
        "python", "import pandas; answer = len(b'x' * (20 << 20)) >> 20", collect=True
    )
    try:
        with worker.session() as session:
            assert session.run(program, LIMITS).document == b"20"
        used = {1: "memory.usage_in_bytes", 2: "memory.current"}[cgroup.ground().version]
        assert int((folder(worker) / used).read_text()) < 64 << 20
    finally:
        worker.close()


@needed
def test_a_closed_worker_leaves_no_cgroup() -> None:
    worker = Namespace().worker(Site("base"))
    with worker.session() as session:
        session.begin(Program("shell", "sleep 60"), LIMITS)
    there = folder(worker).parent
    assert there.is_dir()
    worker.close()
    assert not there.exists()


LEAVING = """
from taskkit.sandbox.namespace import Namespace
from taskkit.sandbox.protocol import Program, Site
from taskkit.spec.environment import Limits
worker = Namespace().worker(Site("base"))
with worker.session() as session:
    session.run(Program("shell", "true"), Limits())
    print(worker.channel.link.group["name"], flush=True)
    session.run(Program("shell", "sleep 60"), Limits(wall_s=60))
"""


@needed
def test_what_a_killed_host_left_goes_with_the_next_start() -> None:
    host = subprocess.Popen([sys.executable, "-c", LEAVING], stdout=subprocess.PIPE, text=True)
    assert host.stdout is not None
    name = host.stdout.readline().strip()
    host.send_signal(signal.SIGKILL)
    host.wait()
    host.stdout.close()
    there = cgroup.ground()
    assert there.base is not None
    left = there.base / name
    assert left.is_dir()
    deadline = time.monotonic() + 20
    while left.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
        cgroup.sweep(there)
    assert not left.exists()


@needed
def test_a_living_hosts_cgroup_is_not_swept(worker: Worker) -> None:
    cgroup.sweep(cgroup.ground())
    assert folder(worker).is_dir()


@needed
def test_a_cgroup_that_nobody_is_killed_in_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("taskkit.sandbox.cgroup.TRIAL", "print(1)")
    assert cgroup.ground.__wrapped__().reason.endswith("passed its limit and lived")


@needed
def test_a_limit_below_what_is_held_kills_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """It stays as it was, and does not take long about it."""
    monkeypatch.setattr("taskkit.sandbox.guest.cgroup.TRIES", 3)
    place = cgroup.make(cgroup.ground())
    group = Groups(place).group(0)
    group.bound(512 << 20, processes=8)
    entrance = f"{place['base']}/{place['name']}/0/cgroup.procs"
    code = (
        "import sys\nopen(sys.argv[1], 'w').write('0')\nkept = b'x' * (100 << 20)\n"
        "print('ready', flush=True)\nsys.stdin.read()"
    )
    command = [sys.executable, "-I", "-S", "-c", code, entrance]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as held:
        assert held.stdout is not None
        assert held.stdout.readline() == "ready\n"
        group.bound(50 << 20, processes=8)
        path = Path(f"/proc/self/fd/{group.limits[0]}").readlink()
        assert int(path.read_text()) == 512 << 20
    assert (held.returncode, group.kills()) == (0, 0)
    cgroup.remove(place)


@needed
def test_limits_can_be_raised_and_lowered() -> None:
    place = cgroup.make(cgroup.ground())
    try:
        group = Groups(place).group(0)
        first = group.limits[0]
        for size in (64 << 20, 512 << 20, 16 << 20):
            group.bound(size, processes=8)
            path = Path(f"/proc/self/fd/{first}").readlink()
            assert int(path.read_text()) == size
    finally:
        cgroup.remove(place)


def test_where_the_kernel_kills_by_a_limit_written_by_hand_ours_is_used() -> None:
    """Else a limit of ours that binds nothing would only have the other tests skipped."""
    proc = Path("/proc/self")
    version, own = cgroup.locate((proc / "cgroup").read_text(), (proc / "mountinfo").read_text())
    if version != 1 or own is None or not os.access(own, os.W_OK):
        pytest.skip("no memory cgroup of version 1 that may be written")
    group = own / f"by-hand-{os.getpid()}"
    group.mkdir()
    try:
        (group / "memory.limit_in_bytes").write_text(str(8 << 20))
        taking = f"echo $$ > {group}/cgroup.procs && exec {sys.executable} -c 'bytearray(64 << 20)'"
        killed = subprocess.run(["sh", "-c", taking], capture_output=True).returncode == -9
    finally:
        group.rmdir()
    if not killed:
        pytest.skip("a limit that was written by hand binds nothing here")
    assert cgroup.ground().base is not None, cgroup.ground().reason
