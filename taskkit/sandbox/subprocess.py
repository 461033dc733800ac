"""The `subprocess` backend: the same worker without any isolation, for platforms that have none."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from taskkit.sandbox import environments
from taskkit.sandbox.conditions import FIXED, Conditions
from taskkit.sandbox.namespace import environment, paths
from taskkit.sandbox.protocol import Site
from taskkit.sandbox.worker import WarmWorker


class Subprocess:
    """Programs as plain processes of the user, with time, memory and output limits only."""

    name = "subprocess"
    isolation = "none: programs run as the user, with access to all that the user may reach"

    def __init__(self, conditions: Conditions = FIXED) -> None:
        """Fix what programs may not depend on."""
        self.conditions = conditions

    def worker(self, site: Site) -> WarmWorker:
        """Start a warm worker with a temporary folder of its own.

        There is no /data here: Python and shell programs find the assets in the folder that the
        environment variable TASKKIT_DATA names.

        Raises:
            SandboxError: the worker did not come up.
        """
        folder = tempfile.mkdtemp(prefix="taskkit-")
        data = os.path.join(folder, "data")  # noqa: PTH118
        os.mkdir(data)  # noqa: PTH102
        for name, path in paths(site).items():
            os.symlink(path, os.path.join(data, name))  # noqa: PTH118, PTH211
        return WarmWorker(
            self._config(site, folder, environments.find(site.image)),
            folder=folder,
            services=site.services,
            furnish=lambda: self._config(site, folder, environments.ensure(site.image)),
        )

    def _config(self, site: Site, folder: str, prepared: Path | None) -> dict[str, Any]:
        """What a guest server is told; one without a prepared environment runs SQL alone."""
        variables = environment(self.conditions)
        variables |= {"HOME": folder + "/session/workspace", "TASKKIT_DATA": folder + "/data"}
        if prepared:
            variables["PATH"] = f"{prepared}/bin:/usr/local/bin:/usr/bin:/bin"
        return {
            "isolated": False,
            "python": str(prepared / "bin" / "python") if prepared else sys.executable,
            "furnished": prepared is not None,
            "executable": "",
            "host_pid": os.getpid(),
            "own_folder": folder,
            "folder": folder + "/session",
            "assets": paths(site),
            "preload": list(site.preload) if prepared else [],
            "environment": variables,
        }
