"""Prepared Python environments: what programs of an image may import where no container runs them.

Each is a virtual environment below `~/.cache/taskkit/images` with exactly the packages that the
image's `requirements.txt` pins, and neither pip nor taskkit. It is made once for each content of
that file and each Python, by the first process that wants it; others wait for it.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path

import click

from taskkit.errors import MissingError, SourceError, UsageError, blame
from taskkit.lock import alone
from taskkit.sandbox.building import wheels
from taskkit.spec.image import REQUIREMENTS, image_folder, image_names

FOLDER = Path("~/.cache/taskkit/images").expanduser()
WHEELHOUSE = "TASKKIT_WHEELHOUSE"
"""Environment variable: a folder of wheels, to prepare images without a network."""
PLAIN = "plain"
"""The environment of every image that names no package."""
WANTED = "requirements.in"
"""What an image's author asked for; `requirements.txt` pins it with all that it needs."""
PIP = (
    "--disable-pip-version-check", "--no-input", "--only-binary", ":all:", "--require-hashes",
    "--progress-bar", "off", "--retries", "2", "--timeout", "30",
)  # fmt: skip
SHUNNED = ("PIP_TARGET", "PIP_PREFIX", "PIP_USER", "PIP_REQUIRE_VIRTUALENV", "PYTHONPATH")
"""Variables that would lead pip elsewhere."""
LAST_LINES = 4  # of pip's, that an error quotes
_PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)\s*==\s*([^\s\\;]+)", re.MULTILINE)
_NAME = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)", re.MULTILINE)

_making = threading.Lock()
_failed: dict[Path, str] = {}
"""What could not be made, and why: the next program need not wait for it again."""


def pins(name: str) -> dict[str, str]:
    """The packages that an image pins, to their versions; none for an image we do not know."""
    if name not in image_names():
        return {}
    return dict(_PIN.findall((image_folder(name) / REQUIREMENTS).read_text("utf-8")))


@cache
def libraries(name: str) -> dict[str, str]:
    """The packages that an image is meant to offer, to their versions, without what they need.

    By its `requirements.in`, where it has one; else all that it pins.
    """
    pinned = pins(name)
    file = image_folder(name) / WANTED if pinned else None
    if file is None or not file.is_file():
        return pinned
    versions = {_plain(package): version for package, version in pinned.items()}
    wanted = _NAME.findall(file.read_text("utf-8"))
    return {package: versions[_plain(package)] for package in wanted if _plain(package) in versions}


def place(name: str) -> Path:
    """Where the environment of an image is, or will be."""
    pinned = bool(pins(name))
    text = (image_folder(name) / REQUIREMENTS).read_bytes() if pinned else b""
    python = f"{platform.python_version()} {platform.machine()} {sys.base_prefix}"
    number = hashlib.sha256(text + b"\0" + python.encode()).hexdigest()[:16]
    return FOLDER / f"{name if pinned else PLAIN}-{number}"


def find(name: str) -> Path | None:
    """The prepared environment of an image; None where it is not made yet."""
    folder = place(name)
    ready = _mark(folder).is_file() and (folder / "bin" / "python").exists()
    return folder if ready else None


def say(line: str) -> None:
    """Print a line of progress to standard error, out of the way of what a command prints."""
    click.echo(line, err=True)


def ensure(
    name: str,
    *,
    wheelhouse: Path | None = None,
    watch: Callable[[str], None] = say,
    log: Callable[[str], None] = lambda line: None,
) -> Path:
    """Return the prepared environment of an image, which is made where it is missing.

    Args:
        name: The image.
        wheelhouse: A folder of wheels to take the packages from; by default the one that
            TASKKIT_WHEELHOUSE names, else what pip is configured with.
        watch: Is told what is begun and done.
        log: Is given each line that pip prints.

    Raises:
        MissingError: it cannot be made here; the message says what would help.
    """
    if found := find(name):
        return found
    folder = place(name)
    with _making:
        if folder in _failed:
            raise MissingError(_failed[folder])
        try:
            return _ensured(name, folder, wheelhouse or _wheelhouse(), watch, log)
        except MissingError as error:
            _failed[folder] = str(error)
            raise


def _ensured(
    name: str,
    folder: Path,
    wheelhouse: Path | None,
    watch: Callable[[str], None],
    log: Callable[[str], None],
) -> Path:
    what = f"image {name}: its Python environment cannot be prepared"
    with blame(MissingError, what):
        folder.parent.mkdir(parents=True, exist_ok=True)
    with blame(MissingError, what), alone(folder, f"{folder}: busy", wait=True):
        if find(name):
            return folder
        shutil.rmtree(folder, ignore_errors=True)
        try:
            _make(name, folder, wheelhouse, watch, log)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    return folder


def _make(
    name: str,
    folder: Path,
    wheelhouse: Path | None,
    watch: Callable[[str], None],
    log: Callable[[str], None],
) -> None:
    wanted = pins(name)
    if wanted:
        watch(f"image {name}: preparing {', '.join(libraries(name))} (once, for all later runs)")
    _run(name, [sys.executable, "-m", "venv", "--without-pip", str(folder)], log)
    if wanted:
        file = image_folder(name) / REQUIREMENTS
        source = _source(name, wheelhouse) if wheelhouse else []
        python = str(folder / "bin" / "python")
        command = [*_pip(name), "--python", python, "install", *PIP, *source, "-r", str(file)]
        _run(name, command, log)
    _mark(folder).touch()
    if wanted:
        watch(f"image {name}: ready in {folder}")


def _source(name: str, wheelhouse: Path) -> list[str]:
    """What has pip take packages from a folder.

    Raises:
        MissingError: the folder lacks one.
    """
    try:
        wheels(image_folder(name), wheelhouse)
    except SourceError as error:
        raise MissingError(f"image {name}: {error}") from None
    return ["--no-index", "--find-links", str(wheelhouse.resolve())]


def _pip(name: str) -> list[str]:
    if importlib.util.find_spec("pip") is None:
        raise MissingError(
            f"image {name}: preparing its Python packages needs pip, which this Python has not: "
            f"{sys.executable} -m ensurepip"
        )
    return [sys.executable, "-m", "pip"]


def _run(name: str, command: list[str], log: Callable[[str], None]) -> None:
    variables = {key: value for key, value in os.environ.items() if key not in SHUNNED}
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=variables,
        text=True,
        errors="replace",
    ) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line.rstrip())
            log(lines[-1])
    if process.returncode:
        last = "\n".join(f"  {line}" for line in lines[-LAST_LINES:])
        raise MissingError(
            f"image {name}: its Python packages are not prepared here, and cannot be fetched:\n"
            f"{last}\nwhere there is a network: taskkit images prepare {name}\n"
            f"from a folder of wheels: taskkit images prepare {name} --wheelhouse DIR, or set "
            f"{WHEELHOUSE}\nor let a Docker engine run programs: --sandbox docker"
        )


def _wheelhouse() -> Path | None:
    named = os.environ.get(WHEELHOUSE)
    if not named:
        return None
    if not Path(named).is_dir():
        raise UsageError(f"{WHEELHOUSE}={named}: no folder: need one that `pip download` filled")
    return Path(named)


def _mark(folder: Path) -> Path:
    """What stands there once the environment is whole."""
    return folder / ".ready"


def _plain(package: str) -> str:
    return re.sub(r"[-_.]+", "-", package).lower()
