"""Images in the Docker engine: built once for each content, with or without a network."""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from taskkit.errors import MissingError, SandboxError, SourceError, SpecError, UsageError
from taskkit.sandbox.engine import answers
from taskkit.spec.image import DOCKERFILE, REQUIREMENTS, content, digest, image_folder

if TYPE_CHECKING:
    import docker

NAME, CONTENT, BASE = "taskkit.image", "taskkit.content", "taskkit.base"
"""Labels of an image: its folder's name and digest, and the base that it was built on."""
DEFAULT_BASE = re.compile(r"^ARG BASE=(\S+)", re.MULTILINE)
OFFLINE = "--no-index --find-links /packages"
_PIN = re.compile(r"^([A-Za-z0-9._-]+)\s*==\s*([^\s\\;]+)", re.MULTILINE)


@dataclass(frozen=True)
class Built:
    """An image in the engine."""

    name: str
    tag: str
    fresh: bool
    """It was built just now; else it was there."""


def tag(name: str, base: str) -> str:
    """Return the tag of an image: a digest of its folder and of the base's own id."""
    total = hashlib.sha256(f"{digest(image_folder(name))} {base}".encode())
    return f"taskkit/{name}:{total.hexdigest()[:16]}"


def default_base(name: str) -> str:
    """Return the base that an image's Dockerfile names."""
    found = DEFAULT_BASE.search(content(image_folder(name))[DOCKERFILE].decode())
    if found is None:
        raise SpecError(f"image {name}: Dockerfile: no line `ARG BASE=...`: need one")
    return found[1]


def tags(client: docker.DockerClient, name: str) -> list[str]:
    """Return the tags built of an image as it is today, the newest first."""
    labels = [f"{NAME}={name}", f"{CONTENT}={digest(image_folder(name))}"]
    with answers("cannot list the images"):
        found = client.images.list(filters={"label": labels})
    found.sort(key=lambda image: str(image.attrs.get("Created")), reverse=True)
    return [tag for image in found for tag in image.tags]


def installed(client: docker.DockerClient, name: str) -> str:
    """Return the newest tag of an image as it is today.

    Raises:
        MissingError: it has not been built.
    """
    found = tags(client, name)
    if not found:
        raise MissingError(
            f"image {name}: not built here as it is today: run `taskkit images build {name}`; "
            f"where no registry can be reached, see docs/images.md"
        )
    return found[0]


def build(
    client: docker.DockerClient,
    name: str,
    *,
    base: str | None = None,
    wheelhouse: Path | None = None,
    watch: Callable[[str], None] = lambda line: None,
) -> Built:
    """Build an image, unless the engine has it.

    Args:
        client: The engine.
        name: A folder of images/.
        base: The image to build on; by default the one that the Dockerfile names.
        wheelhouse: A folder of wheels; with it the build has no network.
        watch: Is given each line of the build's log.

    Raises:
        MissingError: the base is not here and cannot be fetched.
        SandboxError: the build failed.
        SourceError: the wheelhouse lacks a package.
    """
    base = base or default_base(name)
    number = _base(client, base)
    wanted = tag(name, number)
    if wanted in tags(client, name):
        return Built(name, wanted, fresh=False)
    folder = image_folder(name)
    files = content(folder)
    if wheelhouse is not None:
        files |= wheels(folder, wheelhouse)
    from docker.errors import BuildError

    try:
        with answers(f"cannot build {name}"):
            _, log = client.images.build(
                fileobj=_context(files),
                custom_context=True,
                tag=wanted,
                rm=True,
                forcerm=True,
                buildargs={"BASE": base, **({"PIP_ARGS": OFFLINE} if wheelhouse else {})},
                network_mode="none" if wheelhouse else None,
                labels={NAME: name, CONTENT: digest(folder), BASE: f"{base} {number}"},
            )
    except SandboxError as error:
        if isinstance(error.__cause__, BuildError):
            raise SandboxError(_failure(name, error.__cause__, offline=bool(wheelhouse))) from None
        raise
    for line in log:
        if isinstance(line, dict):
            watch(str(line.get("stream", "")).rstrip())
    return Built(name, wanted, fresh=True)


def wheels(folder: Path, wheelhouse: Path) -> dict[str, bytes]:
    """Return the wheels of a folder that an image's requirements name, by path in the context.

    Raises:
        UsageError: the folder is none.
        SourceError: one of them is not there.
    """
    if not wheelhouse.is_dir():
        raise UsageError(f"{wheelhouse}: no folder: need one that `pip download` has filled")
    there: dict[tuple[str, str], list[Path]] = {}
    for path in sorted(wheelhouse.glob("*.whl")):
        project, version, *_ = path.name.split("-")
        there.setdefault((_normal(project), version), []).append(path)
    pins = _PIN.findall((folder / REQUIREMENTS).read_text("utf-8"))
    missing = [
        f"{name}=={version}" for name, version in pins if (_normal(name), version) not in there
    ]
    if missing:
        raise SourceError(
            f"{wheelhouse}: no wheel of {', '.join(missing)}: where there is a network, run\n"
            f"  pip download --only-binary :all: --require-hashes -d {wheelhouse}"
            f" -r {folder / REQUIREMENTS}"
        )
    chosen = [path for name, version in pins for path in there[_normal(name), version]]
    return {f"wheels/{path.name}": path.read_bytes() for path in chosen}


def _normal(project: str) -> str:
    return re.sub(r"[-_.]+", "-", project).lower()


def _base(client: docker.DockerClient, base: str) -> str:
    """Return the id of the base, which is fetched where it is not here."""
    from docker.errors import DockerException, ImageNotFound

    try:
        return str(client.images.get(base).id)
    except ImageNotFound:
        pass
    except DockerException as error:
        raise UsageError(f"base {base!r}: {error}") from None
    try:
        return str(client.images.pull(base).id)
    except (DockerException, OSError) as error:
        raise MissingError(
            f"base {base}: not here, and it cannot be fetched: {error}\n"
            "Without a registry, make a base of Debian packages, as root: taskkit images base\n"
            "and build on it: taskkit images build --base taskkit/debian:bookworm"
        ) from None


def _context(files: dict[str, bytes]) -> io.BytesIO:
    """Return an archive of the files; the same files give the same bytes."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, data in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    made.seek(0)
    return made


def _failure(name: str, error: Exception, *, offline: bool) -> str:
    log = [str(line.get("stream", "")).strip() for line in getattr(error, "build_log", ())]
    last = "\n".join(f"  {line}" for line in log[-12:] if line)
    advice = "" if offline else "\nWithout a network, build from wheels: --wheelhouse DIR"
    return f"image {name}: the build failed: {error}\n{last}{advice}"
