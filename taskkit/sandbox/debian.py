"""A base image of Debian packages, for machines that reach a Debian mirror but no registry."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from taskkit.errors import MissingError, SandboxError
from taskkit.sandbox.engine import answers

if TYPE_CHECKING:
    import docker

SUITE = "bookworm"
REPOSITORY = "taskkit/debian"
PACKAGES = "python3,python3-venv,ca-certificates"
DROPPED = (
    "var/cache/apt", "var/lib/apt/lists", "var/log", "usr/share/doc", "usr/share/man",
    "usr/share/locale", "usr/share/info",
)  # fmt: skip
UNPACKED = ("dev", "proc", "sys", "run")  # folders whose content is no part of an image


def mirror(suite: str = SUITE) -> str:
    """Return the mirror that apt itself is configured with.

    Raises:
        MissingError: this machine's apt has none for the suite.
    """
    command = ["apt-get", "indextargets", "--format", "$(RELEASE) $(REPO_URI)"]
    try:
        found = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        lines = []
    else:
        lines = [line.split() for line in found.stdout.splitlines()]
    for line in lines:
        if len(line) == 2 and line[0] == suite:
            return line[1]
    raise MissingError(
        f"base: apt has no source for {suite}: run `apt-get update`, or name one with --mirror URL"
    )


def make(client: docker.DockerClient, *, suite: str = SUITE, source: str | None = None) -> str:
    """Make the base and return its tag.

    Raises:
        MissingError: not root, or no debootstrap.
        SandboxError: debootstrap or the engine failed.
    """
    tool = shutil.which("debootstrap") or shutil.which("debootstrap", path="/usr/sbin")
    if tool is None:
        raise MissingError("base: no debootstrap here: as root: apt-get install -y debootstrap")
    if os.getuid():
        raise MissingError("base: debootstrap needs root: run it as root, or by sudo")
    folder = Path(tempfile.mkdtemp(prefix="taskkit-base-"))
    try:
        command = [tool, "--variant=minbase", f"--include={PACKAGES}", suite, str(folder / "root")]
        _run([*command, source or mirror(suite)])
        _strip(folder / "root")
        archive = folder / "root.tar"
        skipped = [f"--exclude=./{name}/*" for name in UNPACKED]
        _run(["tar", "-C", str(folder / "root"), *skipped, "-cf", str(archive), "."])
        with answers("cannot import the base"):
            client.api.import_image_from_file(str(archive), repository=REPOSITORY, tag=suite)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return f"{REPOSITORY}:{suite}"


def _strip(root: Path) -> None:
    """Drop what an image has no use for, and what says where its packages came from."""
    for name in DROPPED:
        shutil.rmtree(root / name, ignore_errors=True)
        (root / name).mkdir(parents=True)
    (root / "etc/apt/sources.list").write_text("")


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    if done.returncode:
        last = "\n".join(f"  {line}" for line in (done.stdout + done.stderr).splitlines()[-8:])
        raise SandboxError(f"base: {Path(command[0]).name} failed:\n{last}")
