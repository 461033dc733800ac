"""The `namespace` backend: Linux namespaces, a read-only root and a seccomp filter, no daemon."""

from __future__ import annotations

import itertools
import os
import site
import sys
from functools import cache
from pathlib import Path
from typing import Any

import taskkit
from taskkit.errors import SandboxError, SourceError
from taskkit.sandbox.conditions import FIXED, Conditions
from taskkit.sandbox.guest import wire
from taskkit.sandbox.protocol import Program, Site
from taskkit.sandbox.worker import WarmWorker
from taskkit.spec.environment import Limits

FIRST_UID = 0x70000000  # far above what any system assigns
UIDS = 0x0FFFFF00
_number = itertools.count(1)  # of the workers of this process, whatever backend started them


def environment(conditions: Conditions = FIXED) -> dict[str, str]:
    """Return the whole environment that programs see, the same on every machine."""
    return {
        "HOME": "/workspace",
        "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
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
        return WarmWorker(self._config(site), services=site.services)

    def _config(self, site: Site) -> dict[str, Any]:
        assets = paths(site)
        if os.getuid() == 0:
            refuse_unreadable(assets)
        return {
            "isolated": True,
            "python": sys.executable,
            "host_pid": os.getpid(),
            "uid": programs_uid(),
            "folder": "",
            "folders": shown(),
            "hidden": concealed(),
            "site_folders": site_folders(),
            "assets": assets,
            "preload": list(site.preload),
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
def site_folders() -> list[str]:
    """Return package folders outside the Python installation, such as the user's own."""
    prefixes = (sys.prefix, sys.base_prefix, "/usr")
    return [
        path
        for path in sys.path
        if Path(path).name in ("site-packages", "dist-packages")
        and not any(Path(path).is_relative_to(prefix) for prefix in prefixes)
    ]


@cache
def shown() -> list[str]:
    """Return the folders of the host, beside the system's, that programs may read."""
    wanted = [sys.base_prefix, sys.prefix, *site_folders()]
    wanted += [os.path.realpath(path) for path in wanted]
    kept = {path for path in wanted if path not in ("/", "/usr") and not path.startswith("/usr/")}
    return sorted(kept)


@cache
def concealed() -> list[str]:
    """Return what lies in those folders and is ours: the package, and what says where it is."""
    found = {Path(taskkit.__file__).parent}
    for folder in {*site.getsitepackages(), *site_folders()}:
        found.update(Path(folder).glob("*taskkit*"))
        found.update(Path(folder).glob("__pycache__/*taskkit*"))
    found.update(Path(sys.executable).parent.glob("*taskkit*"))
    return sorted(str(path) for path in found)


@cache
def availability() -> str | None:
    """Return why this machine cannot run the backend; None where it can."""
    if not sys.platform.startswith("linux"):
        return f"namespaces need Linux, this is {sys.platform}"
    try:
        worker = Namespace().worker(Site(image="probe"))
        try:
            with worker.session() as session:
                outcome = session.run(Program("shell", "true"), Limits())
        finally:
            worker.close()
    except SandboxError as error:
        return str(error)
    return None if outcome.status == "ok" else f"a trial program ended as {outcome}"
