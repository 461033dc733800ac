"""Checks of an image's folder that need no engine: what makes its build repeatable and safe."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from taskkit.errors import SpecError
from taskkit.spec.image import DOCKERFILE, REQUIREMENTS, content, manifest

_PIN = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*==[^\s=;]+(\s*;[^\\]+)?$")
_HASH = re.compile(r"^--hash=sha256:[0-9a-f]{64}$")
_REMOTE = re.compile(r"https?://|--(extra-)?index-url|--find-links\s+http|\b(curl|wget)\b")


def lint(folder: Path) -> list[str]:
    """Return what is wrong with an image's folder, each as *file:line: what is: what is needed*."""
    found = []
    try:
        manifest(folder)
    except SpecError as error:
        found.append(str(error))
    files = content(folder)
    for name in (DOCKERFILE, REQUIREMENTS):
        if name not in files:
            found.append(f"{folder / name}: no such file: need one")
    if not found:
        found += _dockerfile(folder / DOCKERFILE, files[DOCKERFILE].decode())
        found += _requirements(folder / REQUIREMENTS)
    for name, data in files.items():
        for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
            if _REMOTE.search(line) and not line.startswith("#"):
                found.append(f"{folder / name}:{number}: {line.strip()!r}: need no remote host")
    return found


def _dockerfile(path: Path, text: str) -> Iterator[str]:
    lines = text.splitlines()
    if sum(line.startswith("ARG BASE=") for line in lines) != 1:
        yield f"{path}: need one line `ARG BASE=...`"
    stages = set()
    for number, line in enumerate(lines, 1):
        words = line.split()
        if words[:1] == ["FROM"]:
            if words[1] != "${BASE}" and words[1] not in stages:
                yield f"{path}:{number}: FROM {words[1]}: need ${{BASE}}"
            stages.update(words[3:4])
        if words[:1] == ["ADD"]:
            yield f"{path}:{number}: ADD: need COPY, which fetches nothing"
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    if not users or users[-1].partition(":")[0] in ("root", "0"):
        yield f"{path}: the last USER is {users[-1] if users else 'root'}: need one other than root"


def _requirements(path: Path) -> Iterator[str]:
    text = path.read_text("utf-8").replace("\\\n", "\\")
    for line in text.splitlines():
        pin, *hashes = (part.strip() for part in line.split("\\"))
        if not pin or pin.startswith("#"):
            continue
        if not _PIN.match(pin):
            yield f"{path}: {pin!r}: need NAME==VERSION"
        elif not hashes or not all(map(_HASH.match, hashes)):
            yield f"{path}: {pin}: no hashes: need them, as pip-compile --generate-hashes gives"
