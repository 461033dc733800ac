"""Domains: folders with a manifest that names the builder."""

from __future__ import annotations

import importlib
import importlib.util
import os
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import Literal, cast

from pydantic import Field

from taskkit.build.protocol import Builder
from taskkit.errors import SpecError, UsageError, blame
from taskkit.spec.base import Many, Name, Spec
from taskkit.spec.document import read_document

MANIFEST = "domain.yaml"
SEARCH_PATH = "TASKKIT_DOMAINS"  # folders of domains, separated as in PATH


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
        return cls(folder, manifest)

    def builder(self) -> Builder:
        """Import the builder and make one.

        Raises:
            SpecError: there is no such module or class.
        """
        return cast(Builder, self._made("builder", self.manifest.builder))

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


def shipped() -> Path:
    """Give the folder of the domains that come with taskkit."""
    return Path(str(files("taskkit.domains")))


def _folders(extra: tuple[Path, ...]) -> Iterator[Path]:
    listed = [Path(part) for part in os.environ.get(SEARCH_PATH, "").split(os.pathsep) if part]
    for parent in (*extra, *listed, shipped()):
        if not parent.is_dir():
            raise UsageError(f"{parent}: no such folder: need a folder of domains")
        yield from sorted(path.parent for path in parent.glob(f"*/{MANIFEST}"))


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
        UsageError: there is none; the message offers the nearest.
    """
    known = domains(extra)
    if name not in known:
        near = get_close_matches(name, known, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"need one of: {', '.join(known)}"
        raise UsageError(f"domain {name!r}: unknown: {hint}")
    return known[name]
