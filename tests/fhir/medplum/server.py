"""The independent server as a process, installed once into a cache folder."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

VERSION = "5.2.13"
PACKAGES = [f"@medplum/{name}@{VERSION}" for name in ("fhir-router", "core", "definitions")]
SCRIPT = Path(__file__).parent / "server.mjs"


def installed() -> Path:
    """The folder with the packages; skips the test where they cannot be had."""
    cache = Path(os.environ.get("TASKKIT_CACHE", "~/.cache/taskkit")).expanduser()
    folder = cache / f"medplum-{VERSION}"
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("the independent FHIR server needs Node: apt install nodejs npm")
    if not (folder / "complete").is_file():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text("{}")
        command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", *PACKAGES]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
        if done.returncode:
            pytest.skip(f"npm install {' '.join(PACKAGES)} failed: {done.stderr.strip()[-300:]}")
        (folder / "complete").touch()
    return folder


@contextmanager
def serving() -> Iterator[str]:
    """Start the server; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["node", str(SCRIPT), str(installed()), str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "listening\n"
        yield f"http://127.0.0.1:{port}/fhir"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def fill(base: str, resources: list[dict[str, object]]) -> None:
    """Put resources into a server."""
    with httpx.Client(timeout=30) as client:
        for one in resources:
            answer = client.put(f"{base}/{one['resourceType']}/{one['id']}", json=one)
            assert answer.status_code in (200, 201), answer.text
