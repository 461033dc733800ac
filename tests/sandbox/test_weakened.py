"""The conformance suite notices a sandbox with a hole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from taskkit.errors import SandboxError
from taskkit.sandbox import conformance, loader
from taskkit.sandbox.attacks import Attack
from taskkit.sandbox.guest.filter import DENIED, SPECIAL
from taskkit.sandbox.namespace import Namespace, availability
from taskkit.sandbox.protocol import Program, Site

pytestmark = pytest.mark.skipif(availability() is not None, reason="no namespaces here")

GUEST = loader.GUEST
HOLES = {
    "no filter": (f"{GUEST}.server", 'filter.build() if isolated else b""', 'b""'),
    "no read-only root": (f"{GUEST}.root", "| kernel.MS_RDONLY", ""),
    "no process limit": (f"{GUEST}.cell", "resource.RLIMIT_NPROC", "resource.RLIMIT_RSS"),
    "no lock": (f"{GUEST}.cell", "os.chdir(place.workspace)", "os.chdir('/none')"),
}
CAUGHT_BY = {
    "no filter": "calls what no task needs",
    "no read-only root": "alters data",
    "no process limit": "forks more than it may",
}


def weaken(monkeypatch: pytest.MonkeyPatch, hole: str) -> None:
    sources = dict(loader.sources())
    module, good, bad = HOLES[hole]
    assert good in sources[module], hole
    sources[module] = sources[module].replace(good, bad)
    monkeypatch.setattr(loader, "sources", lambda: sources)


class Weak(Namespace):
    """A backend without one user of its own: programs stay what the worker is."""

    def _config(self, site: Any) -> dict[str, Any]:
        return super()._config(site) | {"uid": 0}


def named(name: str) -> Attack:
    return next(attack for attack in conformance.ALL if attack.name == name)


@pytest.mark.parametrize("hole", sorted(CAUGHT_BY))
def test_a_hole_is_noticed(hole: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    weaken(monkeypatch, hole)
    database = tmp_path / "small.sqlite"
    database.write_bytes(b"x" * 100)
    database.chmod(0o666)
    backend = Weak() if hole == "no read-only root" else Namespace()
    worker = backend.worker(Site(image="base", assets={"small.sqlite": database}))
    attack = named(CAUGHT_BY[hole])
    code = attack.code.replace("{numbers}", repr(DENIED | SPECIAL))
    try:
        with worker.session() as session:
            program = Program(attack.language, code)
            outcome = session.run(program, conformance.LIMITS)
    finally:
        worker.close()
    assert "BREACH" in outcome.stdout, outcome


def test_a_program_that_cannot_be_locked_in_never_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    weaken(monkeypatch, "no lock")
    worker = Namespace().worker(Site(image="base"))
    with worker.session() as session, pytest.raises(SandboxError, match="could not lock"):
        session.run(Program("shell", "echo BREACH"), conformance.LIMITS)
    worker.close()


def test_the_attacks_have_names_of_their_own() -> None:
    names = [attack.name for attack in conformance.ALL]
    assert len(set(names)) == len(names) > 50
