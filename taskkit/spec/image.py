"""Images: a folder each, with pinned requirements and a manifest; one Dockerfile serves all."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from taskkit.errors import SpecError
from taskkit.spec.base import Many, Name, Spec
from taskkit.spec.document import read_document

IMAGE_SCHEMA: Final = "taskkit/image/1"
MANIFEST, DOCKERFILE, REQUIREMENTS = "image.yaml", "Dockerfile", "requirements.txt"
REQUIREMENT = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)\s*==", re.MULTILINE)

Module = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_]\w*)*$")]
"""The name of a Python module, such as `numpy.linalg`."""


class ImageManifest(Spec):
    """What an image is for, and what a warm worker of it has ready."""

    schema_version: Literal["taskkit/image/1"] = Field(alias="schema")
    """Version of this document's form."""
    name: Name
    """The folder's name."""
    title: str = Field(min_length=1)
    """What it holds, in a line."""
    preload: Many[Module] = ()
    """Modules that a warm worker imports once, before any instance."""


def image_names() -> tuple[str, ...]:
    """Give the images that come with taskkit."""
    return tuple(sorted(path.parent.name for path in _images().glob(f"*/{MANIFEST}")))


def image_folder(name: str) -> Path:
    """Give the folder of an image that comes with taskkit.

    Raises:
        SpecError: there is none of that name.
    """
    if name not in image_names():
        raise SpecError(f"image {name!r}: unknown: need one of {', '.join(image_names())}")
    return _images() / name


def manifest(folder: Path) -> ImageManifest:
    """Read an image's manifest.

    Raises:
        SpecError: it is none, or it bears another name than its folder.
    """
    path = folder / MANIFEST
    found = read_document(path, ImageManifest)
    if found.name != folder.name:
        raise SpecError(f"{path}: name: {found.name!r}: need {folder.name!r}, as the folder has it")
    return found


@cache
def preload(name: str) -> tuple[str, ...]:
    """Give the modules that a warm worker of an image imports once.

    An image that does not come with taskkit has none: its sandbox starts cold.

    Raises:
        SpecError: the manifest is none.
    """
    return manifest(_images() / name).preload if name in image_names() else ()


@cache
def packages(name: str) -> tuple[str, ...]:
    """Give the Python packages of an image, by its requirements."""
    path = _images() / name / REQUIREMENTS
    return tuple(REQUIREMENT.findall(path.read_text("utf-8"))) if path.is_file() else ()


def content(folder: Path) -> dict[str, bytes]:
    """Give the files that an image is made of, by path in its build's context, in order.

    A folder with a manifest and no Dockerfile of its own is built by the one that images share.

    Raises:
        SpecError: a file is a link, which would bring a file from elsewhere into the image.
    """
    for link in sorted(path for path in folder.rglob("*") if path.is_symlink()):
        raise SpecError(f"{link}: a symbolic link: need a regular file")
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*")]
    found = {
        name: (folder / name).read_bytes()
        for name in names
        if (folder / name).is_file() and not re.search(r"(^|/)(\.|__pycache__|wheels/)", name)
    }
    if MANIFEST in found and DOCKERFILE not in found:
        found[DOCKERFILE] = files("taskkit.images").joinpath(DOCKERFILE).read_bytes()
    return dict(sorted(found.items()))


def digest(folder: Path) -> str:
    """Give the SHA-256 of an image's files and their names."""
    total = hashlib.sha256()
    for name, data in content(folder).items():
        total.update(f"{name}\0{len(data)}\0".encode() + data)
    return total.hexdigest()


def _images() -> Path:
    return Path(str(files("taskkit.images")))
