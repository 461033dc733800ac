"""Images: folders with a Dockerfile, pinned requirements and a manifest."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from taskkit.errors import SpecError


def image_folder(name: str) -> Path:
    """Give the folder of an image that comes with taskkit.

    Raises:
        SpecError: there is none of that name.
    """
    folder = Path(str(files("taskkit.images"))) / name
    if not (folder / "Dockerfile").is_file():
        known = ", ".join(sorted(path.name for path in folder.parent.glob("*/") if path.is_dir()))
        raise SpecError(f"image {name!r}: unknown: need one of {known}")
    return folder
