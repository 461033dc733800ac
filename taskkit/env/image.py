"""What the programs of an image find there."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from pathlib import Path

import yaml

from taskkit.errors import SpecError, blame

REQUIREMENT = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)\s*==", re.MULTILINE)


def images() -> Path:
    """Give the folder of the images that come with taskkit."""
    return Path(str(files("taskkit.images")))


@cache
def preload(image: str) -> tuple[str, ...]:
    """Give the modules that a warm worker imports once, by images/<image>/image.yaml.

    Raises:
        SpecError: the file is no YAML, or its `preload` is no list of module names.
    """
    path = images() / image / "image.yaml"
    if not path.is_file():
        return ()
    with blame(SpecError, str(path)):
        document = yaml.safe_load(path.read_text("utf-8")) or {}
    names = document.get("preload", []) if isinstance(document, dict) else None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise SpecError(f"{path}: preload: {names!r}: need a list of module names")
    return tuple(names)


@cache
def packages(image: str) -> tuple[str, ...]:
    """Give the Python packages of an image, by images/<image>/requirements.txt."""
    path = images() / image / "requirements.txt"
    return tuple(REQUIREMENT.findall(path.read_text("utf-8"))) if path.is_file() else ()
