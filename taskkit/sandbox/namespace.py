"""The `namespace` backend: Linux namespaces, a read-only root and a seccomp filter, no daemon."""

from __future__ import annotations

import itertools
import os
import sys
import sysconfig
from functools import cache
from pathlib import Path
from typing import Any

from taskkit.errors import MissingError, SandboxError, SourceError
from taskkit.sandbox import environments
from taskkit.sandbox.conditions import FIXED, Conditions
from taskkit.sandbox.guest import wire
from taskkit.sandbox.protocol import Program, Site
from taskkit.sandbox.worker import WarmWorker
from taskkit.spec.environment import Limits

FIRST_UID = 0x70000000  # far above what any system assigns
INSIDE = "/opt/venv"  # where an image has its packages, and a sandbox its environment
UIDS = 0x0FFFFF00
TRIALS = 3  # before the machine is blamed: a process that was killed says nothing about it
_number = itertools.count(1)  # of the workers of this process, whatever backend started them


def environment(conditions: Conditions = FIXED) -> dict[str, str]:
    """Return the whole environment that programs see, the same on every machine."""
    return {
        "HOME": "/workspace",
        "PATH": f"{INSIDE}/bin:/usr/local/bin:/usr/bin:/bin",
        "PYTHONDONTWRITEBYTECODE": "1",
        "TASKKIT_DATA": "/data",
        "USER": "agent",
        "MPLBACKEND": "Agg",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        **conditions.variables(),
    }


class Namespace:
    """Programs in namespaces of their own, below a root of read-only binds."""

    name = "namespace"
    isolation = (
        "Linux namespaces per instance, read-only root, no network, no capabilities, seccomp filter"
    )

    def __init__(self, conditions: Conditions = FIXED) -> None:
        """Fix what programs may not depend on."""
        self.conditions = conditions

    def worker(self, site: Site) -> WarmWorker:
        """Start a warm worker.

        Raises:
            SandboxError: the worker did not come up.
        """
        prepared = environments.find(site.image)
        return WarmWorker(
            self._config(site, prepared),
            services=site.services,
            furnish=lambda: self._config(site, environments.ensure(site.image)),
        )

    def _config(self, site: Site, prepared: Path | None) -> dict[str, Any]:
        """What a guest server is told; one without a prepared environment runs SQL alone."""
        assets = paths(site)
        if os.getuid() == 0:
            refuse_unreadable(assets)
        return {
            "isolated": True,
            "python": str(prepared / "bin" / "python") if prepared else sys.executable,
            "furnished": prepared is not None,
            "executable": f"{INSIDE}/bin/python",
            "binds": {INSIDE: str(prepared)} if prepared else {},
            "host_pid": os.getpid(),
            "uid": programs_uid(),
            "folder": "",
            "folders": shown(),
            "hidden": concealed(),
            "assets": assets,
            "preload": list(site.preload) if prepared else [],
            "environment": environment(self.conditions),
        }


def programs_uid() -> int:
    """A user for the programs of another worker; one for each concurrent session follows it.

    Another one's processes would count towards the same limit.
    """
    taken = (os.getpid() << 12) + next(_number) * 2 * wire.CAPACITY
    return FIRST_UID + taken % UIDS


def paths(site: Site) -> dict[str, str]:
    """Return the files of the site's assets by name, as absolute paths.

    Raises:
        SourceError: one of them is not there.
    """
    for name, path in site.assets.items():
        if not path.is_file():
            raise SourceError(f"asset {name}: {path}: no such file: build the task set again")
    return {name: str(path.resolve()) for name, path in site.assets.items()}


def refuse_unreadable(assets: dict[str, str]) -> None:
    """Raise a `SourceError` for an asset that a program's own user could not read."""
    for name, path in assets.items():
        if not Path(path).stat().st_mode & 0o004:
            raise SourceError(
                f"asset {name}: {path}: readable by its owner only, and programs run as "
                f"another user: chmod o+r it"
            )


@cache
def shown() -> list[str]:
    """The folders of the host, beside the system's, that programs may read: Python itself."""
    wanted = {sys.base_prefix, os.path.realpath(sys.base_prefix)}
    return sorted(path for path in wanted if path != "/usr" and not path.startswith("/usr/"))


@cache
def concealed() -> list[str]:
    """The folders of packages in those, and in the system's: programs get their image's alone."""
    found = set()
    for scheme in sysconfig.get_scheme_names():
        if not scheme.endswith(("_user", "_venv", "nt")) and scheme != "venv":
            places = {"base": sys.base_prefix, "platbase": sys.base_exec_prefix}
            for kind in ("purelib", "platlib"):
                found.add(Path(sysconfig.get_path(kind, scheme, places)))
    for pattern in ("lib*/python3*/dist-packages", "lib*/python3*/site-packages"):
        found.update(Path("/usr").glob(pattern))
        found.update(Path("/usr/local").glob(pattern))
    return sorted(str(path) for path in found if path.is_dir())


@cache
def availability() -> str | None:
    """Return why this machine cannot run the backend; None where it can."""
    if not sys.platform.startswith("linux"):
        return f"namespaces need Linux, this is {sys.platform}"
    for _ in range(TRIALS - 1):
        if _trial() is None:
            return None
    return _trial()


def _trial() -> str | None:
    """Run a program; return why it did not end well."""
    try:
        worker = Namespace().worker(Site(image="probe"))
        try:
            with worker.session() as session:
                outcome = session.run(Program("shell", "true"), Limits())
        finally:
            worker.close()
    except (SandboxError, MissingError) as error:
        return str(error)
    return None if outcome.status == "ok" else f"a trial program ended as {outcome}"
