"""What a judge gets besides the answer: the task's files, and programs in fresh sessions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from taskkit.errors import SpecError
from taskkit.oracles.evidence import Change, Evidence, Origin
from taskkit.sandbox.protocol import Outcome, Program
from taskkit.spec.environment import Asset, Environment, Limits

OUTPUT_KIB = 8192  # that a program of the judge may leave, where it does not say


class EvidenceMaker(Protocol):
    """Makes the evidence on a document."""

    def __call__(self, document: bytes | None, origin: Origin) -> Evidence:
        """Give it."""
        ...


class Room(Protocol):
    """Where programs of judges run: a stage."""

    def run(
        self, image: str, assets: tuple[Asset, ...], program: Program, limits: Limits
    ) -> Outcome:
        """Run a program in a fresh session that sees these assets and nothing else."""
        ...


@dataclass(frozen=True, slots=True)
class Bench:
    """Makes the evidence on answers to tasks of one environment."""

    environment: Environment
    asset: Callable[[str], Path]
    """Gives the file of an asset by its sha256."""
    room: Room

    def evidence(
        self,
        document: bytes | None,
        origin: Origin = "python",
        changes: Mapping[str, Sequence[Change]] | None = None,
    ) -> Evidence:
        """Give the evidence on an answer."""
        return Evidence(document, origin, changes or {}, self._file, self._run)

    def _named(self, name: str) -> Asset:
        for asset in self.environment.assets:
            if asset.name == name:
                return asset
        known = ", ".join(asset.name for asset in self.environment.assets) or "none"
        raise SpecError(f"asset {name!r}: the task has no such: need one of {known}")

    def _file(self, name: str) -> Path:
        return self.asset(self._named(name).sha256)

    def _run(
        self,
        code: str,
        *,
        language: Literal["python", "shell"] = "python",
        collect: bool = True,
        assets: Sequence[str] = (),
        wall_s: float | None = None,
        output_kib: int | None = None,
    ) -> Outcome:
        limits = self.environment.limits
        seconds = {} if wall_s is None else {"wall_s": wall_s, "cpu_s": wall_s}
        size = {"output_kib": OUTPUT_KIB if output_kib is None else output_kib}
        found = tuple(self._named(name).model_copy(update={"reader": "agent"}) for name in assets)
        program = Program(language, code, collect=collect)
        changed = limits.model_copy(update=seconds | size)
        return self.room.run(self.environment.image, found, program, changed)
