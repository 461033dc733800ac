"""The conformance suite notices a sandbox with a hole, of whatever kind."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from taskkit.errors import SandboxError
from taskkit.sandbox import cgroup, conformance, dialling, loader
from taskkit.sandbox.conformance import Conformance
from taskkit.sandbox.namespace import Namespace, availability
from taskkit.sandbox.neighbours import PORT
from taskkit.sandbox.protocol import Program, Site
from taskkit.sandbox.service import Endpoint
from taskkit.sandbox.shelf import prepare

pytestmark = [
    pytest.mark.skipif(availability() is not None, reason="no namespaces here"),
    pytest.mark.slow,
]

Edit = tuple[str, str, str]
"""Module of the guest, what stands there, and what takes its place."""
NO_FILTER: Edit = (
    "server",
    'filter.build(networked=bool(config["ports"])) if isolated else b""',
    'b""',
)
NO_USER: Edit = ("cell", "os.setresuid(place.uid, place.uid, place.uid)", "os.getuid()")


@dataclass(frozen=True)
class Hole:
    """A weakness, and the attack of the suite that finds it."""

    name: str
    caught_by: str
    edits: tuple[Edit, ...] = ()
    config: Callable[[dict[str, Any]], dict[str, Any]] = dict
    alone: bool = True
    """Without a cgroup, which would hold what comes through."""


def environment(config: dict[str, Any]) -> dict[str, Any]:
    return config | {"environment": config["environment"] | {"TASKKIT_OF_HOST": "of the host"}}


def secret(config: dict[str, Any]) -> dict[str, Any]:
    beside = config["assets"]["small.sqlite"].replace("small.sqlite", "secret")
    return config | {"assets": config["assets"] | {"more": beside}}


HOLES = (
    Hole("no filter", "calls what no task needs", (NO_FILTER,)),
    Hole("no filter, for user namespaces", "gains rights in a user namespace", (NO_FILTER,)),
    Hole(
        "no network namespace",
        "uses the network",
        (("root", "    | kernel.CLONE_NEWNET\n", ""), NO_FILTER),
    ),
    Hole("a root that is written to", "alters data", (("root", "| kernel.MS_RDONLY", ""), NO_USER)),
    Hole(
        "no process limit",
        "forks more than it may",
        (("cell", "resource.RLIMIT_NPROC", "resource.RLIMIT_RSS"),),
    ),
    Hole("programs that stay root", "looks into process 1", (NO_USER,)),
    Hole("the host's environment", "reads the environment of the host", config=environment),
    Hole("a file of the host", "searches the disk for a text of the host", config=secret),
    Hole(
        "descriptors that are passed",
        "passes descriptors",
        (
            ("filter", '"sendmsg": (46, 211),', ""),
            ("filter", "_starts(ends, unknown)", "_starts(ends, allow)"),
        ),
    ),
    Hole(
        "pages that count towards nobody",
        "takes all memory, shared and dropped",
        (("watch", "if line.endswith(SHARED):", "if False:"),),
    ),
    Hole(
        "page tables that are not counted",
        "takes memory for page tables",
        (("watch", '"VmPTE:"', '"None:"'),),
    ),
    Hole(
        "sockets that are not counted",
        "takes memory for what waits in sockets",
        (
            (
                "watch",
                "if self.place.isolated:\n            allowed",
                "if False:\n            allowed",
            ),
        ),
    ),
    Hole(
        "a watch that output puts off",
        "takes memory behind output that trickles",
        (("session", "if now >= look:", "if now >= look and not self.out.data:"),),
    ),
    Hole(
        "mappings that are not counted",
        "takes memory for its mappings",
        (("watch", "* MAPPING", "* 0"),),
    ),
    Hole(
        "as many files as we have",
        "takes memory for the files that it waits on",
        (("cell", "PROGRAM_FILES = 256", "PROGRAM_FILES = 512"),),
    ),
    Hole("no cgroup", "takes memory and lets go of all but its beginning"),
    Hole(
        "programs that the kernel spares",
        "has others killed in its place",
        (("cell", "cgroup.yield_first(place.proc)", "pass"),),
        alone=False,
    ),
    Hole(
        "a /proc that is written to",
        "has others killed in its place",
        (("cell", 'kernel.MS_NOEXEC | kernel.MS_RDONLY, "subset', 'kernel.MS_NOEXEC, "subset'),),
        alone=False,
    ),
    Hole(
        "huge pages for the asking",
        "takes huge pages of the machine",
        (("filter", "_MAP_HUGETLB, refuse, allow", "_MAP_HUGETLB, allow, allow"),),
    ),
    Hole(
        "a call that is let through",
        "watches for changes without end",
        (
            ("filter", '"inotify_init1": (294, 26),', ""),
            ("filter", "_starts(ends, unknown)", "_starts(ends, allow)"),
        ),
    ),
    Hole(
        "an answer that can be read back",
        "steals from the stream of its answer",
        (NO_USER, ("session", "= network.pair()", "= os.pipe()")),
    ),
    Hole(
        "links that are followed",
        "leaves a link to a file of the sandbox for an answer",
        (("session", "| os.O_NOFOLLOW ", ""),),
    ),
)


class Weak(Namespace):
    """The namespace backend with one hole."""

    def __init__(self, hole: Hole) -> None:
        super().__init__()
        self.hole = hole

    def _config(self, site: Any, prepared: Any) -> dict[str, Any]:
        return self.hole.config(super()._config(site, prepared))


def edit(monkeypatch: pytest.MonkeyPatch, *edits: Edit) -> None:
    sources = dict(loader.sources())
    for name, good, bad in edits:
        module = f"{loader.GUEST}.{name}"
        assert good in sources[module]
        sources[module] = sources[module].replace(good, bad)
    monkeypatch.setattr(loader, "sources", lambda: sources)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    path = tmp_path / "small.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("create table t as select 1 as a union select 2 union select 3")
    connection.close()
    path.with_name("secret").write_text(f"TASKKIT-{'0123456789abcdef' * 2}")
    return Site(image="base", assets={path.name: path})


@pytest.mark.parametrize("hole", HOLES, ids=lambda hole: hole.name)
def test_a_hole_is_noticed(hole: Hole, monkeypatch: pytest.MonkeyPatch, site: Site) -> None:
    attack = next(attack for attack in conformance.ALL if attack.name == hole.caught_by)
    attack = replace(attack, code=attack.code.replace("8.8.8.8", "127.0.0.1"))  # no packet leaves
    suite, beside = Conformance(), site.assets["small.sqlite"].with_name("secret")
    if attack.counted and cgroup.ground().base is None:
        pytest.skip("no cgroup to take away")
    sound = Namespace().worker(site)
    suite.test_holds_a_program_that(attack, sound, beside)
    sound.close()
    edit(monkeypatch, *hole.edits)
    if hole.alone:
        monkeypatch.setattr(cgroup, "plan", lambda: None)
    weak = Weak(hole).worker(site)
    try:
        with pytest.raises(AssertionError, match=r"BREACH|document"):
            suite.test_holds_a_program_that(attack, weak, beside)
    finally:
        weak.close()


SHARED_NETWORK: Edit = ("cell", "kernel.CLONE_NEWNET if self.apart else 0", "0")


def test_sessions_that_share_a_network_are_noticed(
    monkeypatch: pytest.MonkeyPatch, site: Site
) -> None:
    edit(monkeypatch, SHARED_NETWORK)
    weak = Namespace().worker(site)
    try:
        with pytest.raises(AssertionError, match="BREACH"):
            Conformance().test_sessions_open_at_once_see_nothing_of_each_other(weak)
    finally:
        weak.close()


def test_a_service_in_the_network_of_the_host_is_noticed(
    monkeypatch: pytest.MonkeyPatch, site: Site, tmp_path: Path
) -> None:
    data = tmp_path / "shelf.json"
    data.write_text('{"old": "of the start", "key": "none"}')
    attack = replace(dialling.DIALLING[0], code=dialling.DIALLING[0].code.replace("8.8.8.8", "::1"))
    edit(monkeypatch, SHARED_NETWORK, ("root", "    | kernel.CLONE_NEWNET\n", ""))
    services = {"shelf": Endpoint(prepare(data, {}), PORT)}
    weak = Namespace().worker(replace(site, services=services))
    try:
        with pytest.raises(AssertionError, match="BREACH: loopback"):
            Conformance().test_beside_a_service_holds_a_program_that(attack, weak, data)
    finally:
        weak.close()


def test_cpu_time_that_is_forgotten_is_noticed(monkeypatch: pytest.MonkeyPatch, site: Site) -> None:
    """Without the kernel's account, and without ours of the processes that ended."""
    monkeypatch.setattr(cgroup, "plan", lambda: None)
    edit(monkeypatch, ("watch", "max(known, sum(self.seen.values()))", "known"))
    weak = Namespace().worker(site)
    try:
        with pytest.raises(AssertionError, match="wall_s="):
            Conformance().test_cpu_time_of_children_that_nobody_waits_for_counts(weak)
    finally:
        weak.close()


def test_what_outlives_its_program_is_noticed(monkeypatch: pytest.MonkeyPatch, site: Site) -> None:
    edit(monkeypatch, ("session", "self.place.sweep()", "pass"))
    weak = Namespace().worker(site)
    try:
        with pytest.raises(AssertionError, match="late"):
            Conformance().test_nothing_survives_its_program(weak)
    finally:
        weak.close()


def test_a_program_that_cannot_be_locked_in_never_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    edit(monkeypatch, ("cell", "os.chdir(place.workspace)", "os.chdir('/none')"))
    worker = Namespace().worker(Site(image="base"))
    with worker.session() as session, pytest.raises(SandboxError, match="could not lock"):
        session.run(Program("shell", "echo BREACH"), conformance.LIMITS)
    worker.close()


def test_the_attacks_have_names_of_their_own() -> None:
    names = [attack.name for attack in conformance.ALL]
    assert len(set(names)) == len(names) > 70
