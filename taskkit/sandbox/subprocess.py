"""The `subprocess` backend: the same worker without any isolation, for platforms that have none."""

from __future__ import annotations

import os
import sys
import tempfile

from taskkit.sandbox.conditions import FIXED, Conditions
from taskkit.sandbox.namespace import environment, paths, site_folders
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
        assets = paths(site)
        for name, path in assets.items():
            os.symlink(path, os.path.join(data, name))  # noqa: PTH118, PTH211
        variables = environment(self.conditions)
        variables |= {"HOME": folder + "/session/workspace", "TASKKIT_DATA": data}
        config = {
            "isolated": False,
            "python": sys.executable,
            "host_pid": os.getpid(),
            "own_folder": folder,
            "folder": folder + "/session",
            "site_folders": site_folders(),
            "assets": assets,
            "preload": list(site.preload),
            "environment": variables,
        }
        return WarmWorker(config, folder=folder, services=site.services)
