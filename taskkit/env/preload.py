"""Which Python modules a warm worker of an image imports once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

import taskkit
from taskkit.errors import SpecError, blame

PACKAGE = Path(taskkit.__file__).parent


def images() -> Path:
    """Give the folder of images: beside the package in a checkout, within it in a wheel."""
    within = PACKAGE / "images"
    return within if within.is_dir() else PACKAGE.parent / "images"


@cache
def preload(image: str) -> tuple[str, ...]:
    """Give the modules that images/<image>/image.yaml names; none where there is no such file.

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
