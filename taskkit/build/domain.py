"""Domains: folders with a manifest that names the builder."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.metadata import entry_points
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import Literal, cast

from pydantic import BaseModel, Field

from taskkit.build.protocol import Builder
from taskkit.build.rejection import REASONS
from taskkit.errors import MissingError, SpecError, TaskkitError, UsageError, blame, lack
from taskkit.plugin import ERRORS, where_raised
from taskkit.spec.base import Many, Name, Spec
from taskkit.spec.document import read_document
from taskkit.spec.image import image_names

GROUP = "taskkit.domains"  # entry points: a package that holds the domain's folder
MANIFEST = "domain.yaml"
RESERVED = frozenset(
    {"source", "questions", "out", "count", "limit", "jobs", "force", "json", "help"}
)
"""Options that every build has; a field `seed` is given the value of --seed."""
SEARCH_PATH = "TASKKIT_DOMAINS"  # folders of domains, separated as in PATH
HERE = "domains"  # below the working directory; those that are shipped come first


class DomainManifest(Spec):
    """What a domain is, and which builder makes its tasks."""

    schema_version: Literal["taskkit/domain/1"] = Field(alias="schema")
    """Version of this document's form."""
    name: Name
    """The folder's name."""
    title: str
    """One line for lists."""
    description: str
    """What the tasks are about, and which sources the builder takes."""
    builder: str
    """`module:Class`, or `./file.py:Class` for a file of the domain's own folder."""
    image: Name
    """The image its tasks run in."""
    citations: Many[str] = ()
    """What to cite when the tasks are used."""
    rejections: dict[Name, str] = Field(default_factory=dict)
    """Codes of rejections that only this domain has, each with what it means."""
    probes: Many[str] = ()
    """Agents that solve none of its tasks, for the audit: named like `builder`."""


@dataclass(frozen=True)
class Domain:
    """A domain's manifest and where it lies."""

    folder: Path
    manifest: DomainManifest

    @classmethod
    def read(cls, folder: Path) -> Domain:
        """Read a domain's folder.

        Raises:
            SpecError: the manifest is absent or wrong, or names another domain.
        """
        manifest = read_document(folder / MANIFEST, DomainManifest)
        if manifest.name != folder.name:
            raise SpecError(
                f"{folder / MANIFEST}: name: {manifest.name!r}: need the folder's, {folder.name!r}"
            )
        if manifest.image not in image_names():
            raise SpecError(
                f"{folder / MANIFEST}: image: {manifest.image!r}: unknown:"
                f" need one of {', '.join(image_names())}"
            )
        return cls(folder, manifest)

    @property
    def shipped(self) -> bool:
        """It comes with taskkit."""
        return self.folder.resolve().parent == shipped().resolve()

    @property
    def codes(self) -> frozenset[str]:
        """The codes that its rejections may have."""
        return frozenset({*REASONS, *self.manifest.rejections})

    def builder(self) -> Builder:
        """Import the builder and make one.

        Raises:
            SpecError: there is no such module or class, or it is no builder.
        """
        made = self._made("builder", self.manifest.builder)
        at = f"{self.folder / MANIFEST}: builder {self.manifest.builder!r}"
        choices = getattr(made, "Options", None)
        if not (isinstance(choices, type) and issubclass(choices, BaseModel)):
            raise SpecError(f"{at}: Options is {choices!r}: need a pydantic model of its choices")
        for name, field in choices.model_fields.items():
            if name in RESERVED:
                raise SpecError(f"{at}: Options.{name}: every build has it: need another name")
            if field.is_required():
                raise SpecError(f"{at}: Options.{name}: no default: need one")
        for name, takes in (("prepare", 1), ("produce", 2)):
            method = getattr(made, name, None)
            if not callable(method) or _arity(method) != takes:
                form = "prepare(request)" if takes == 1 else "produce(preparation, unit)"
                raise SpecError(f"{at}: no method {form}: need both prepare and produce")
        return cast(Builder, made)

    def probes(self) -> list[object]:
        """Import the domain's own probes and make one of each.

        Raises:
            SpecError: there is no such module or class.
        """
        return [self._made("probes", named) for named in self.manifest.probes]

    def _made(self, key: str, named: str) -> object:
        where, _, name = named.partition(":")
        with blame(SpecError, f"{self.folder / MANIFEST}: {key} {named!r}"):
            made: object = getattr(self._module(where), name)()
            return made

    def _module(self, where: str) -> ModuleType:
        if not where.endswith(".py"):
            return importlib.import_module(where)
        path = self.folder / where
        spec = importlib.util.spec_from_file_location(f"taskkit_domain_{path.stem}", path)
        if spec is None or spec.loader is None:
            raise SpecError(f"{path}: no Python module")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module


@contextmanager
def blamed(where: str, folder: Path) -> Iterator[None]:
    """Name a domain's own code where it fails: the exception, and the line that raised it.

    Raises:
        MissingError: the machine lacks something, such as room on the disk.
        SpecError: in place of any other foreign error raised inside.
    """
    try:
        with redirect_stdout(sys.stderr):  # what it prints is no part of a command's output
            yield
    except TaskkitError:
        raise
    except ERRORS as error:
        if lacking := lack(error):
            raise MissingError(f"{where}: {lacking}") from error
        what = where_raised(error, folder)
        raise SpecError(f"{where}: {what}: need a builder that does not raise") from error


def shipped() -> Path:
    """Give the folder of the domains that come with taskkit."""
    return Path(str(files("taskkit.domains")))


def _arity(method: Callable[..., object]) -> int | None:
    """Count the arguments that a method needs; None where it cannot be called by position."""
    found = inspect.signature(method).parameters.values()
    if any(one.kind is one.KEYWORD_ONLY and one.default is one.empty for one in found):
        return None
    return sum(one.default is one.empty for one in found if one.kind is one.POSITIONAL_OR_KEYWORD)


def _parents(extra: tuple[Path, ...]) -> Iterator[Path]:
    """Give the folders of domains, those that users name first."""
    listed = [Path(part) for part in os.environ.get(SEARCH_PATH, "").split(os.pathsep) if part]
    for parent in (*extra, *listed):
        if not parent.is_dir():
            raise UsageError(f"{parent}: no such folder: need a folder of domains")
        yield parent
    yield shipped()
    yield Path(HERE)


def _folders(extra: tuple[Path, ...]) -> Iterator[Path]:
    for parent in _parents(extra):
        yield from _below(parent)
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        with blame(MissingError, f"domain {entry.name!r} ({entry.value}): cannot be loaded"):
            yield Path(str(files(entry.value)))


def _below(parent: Path) -> list[Path]:
    return sorted(path.parent for path in parent.glob(f"*/{MANIFEST}"))


def domains(extra: tuple[Path, ...] = ()) -> dict[str, Domain]:
    """Give every domain by name; the first folder on the search path wins."""
    found: dict[str, Domain] = {}
    for folder in _folders(extra):
        if folder.name not in found:
            found[folder.name] = Domain.read(folder)
    return dict(sorted(found.items()))


def domain(name: str, extra: tuple[Path, ...] = ()) -> Domain:
    """Give the domain of a name.

    Raises:
        UsageError: there is none, and the message offers the nearest; or there are two.
        SpecError: its manifest is absent or wrong.
    """
    places = {one.resolve(): one for one in _folders(extra) if one.name == name}
    if len(places) > 1:
        listed = " and ".join(map(str, places.values()))
        raise UsageError(f"domain {name!r}: there are two, {listed}: need another name for one")
    known = domains(extra)
    if name not in known:
        if Path(name).name != name:
            raise UsageError(f"domain {name!r}: a path: need a name, such as {Path(name).name!r}")
        for parent in _parents(extra):
            if (parent / name).is_dir():
                raise SpecError(f"{parent / name / MANIFEST}: no such file: need a manifest")
        near = get_close_matches(name, known, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"need one of: {', '.join(known)}"
        raise UsageError(f"domain {name!r}: unknown: {hint}")
    return known[name]
