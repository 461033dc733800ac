"""A plan: several builds named in one file, to be done by one command."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, JsonValue, ValidationError

from taskkit.build.domain import Domain, domain, shipped
from taskkit.build.driver import Order
from taskkit.build.origin import Progress, silent
from taskkit.errors import SpecError, UsageError
from taskkit.spec.base import Many, Name, Spec
from taskkit.spec.document import read_document
from taskkit.spec.task import Split

FOLDER = "plans"  # of the domains that come with taskkit
SUFFIXES = (".yaml", ".yml")


class PlannedBuild(Spec):
    """One build: what `taskkit build DOMAIN` is told by its options."""

    domain: Name
    """The domain whose builder makes the tasks."""
    name: Name | None = None
    """Folder of the taskset, below the one for all; the domain's name where not given."""
    count: int | None = Field(default=None, ge=1)
    """How many tasks to make; as many as the domain makes by itself where not given."""
    source: str | None = None
    """Folder of tables or SQLite file; a relative path starts at the plan's folder."""
    questions: str | None = None
    """Published question files; a relative path starts at the plan's folder."""
    seed: int = 0
    """Where every random choice comes from."""
    options: dict[str, JsonValue] = Field(default_factory=dict)
    """The domain's own options, such as `patients: 2000`."""
    published: dict[Split, int] = Field(default_factory=dict)
    """How many tasks the published set of this kind has, shown beside those made."""

    @property
    def folder(self) -> str:
        """The name of the taskset's folder."""
        return self.name or self.domain


class Plan(Spec):
    """Builds that one command does, each unless it stands already as asked for."""

    schema_version: Literal["taskkit/plan/1"] = Field(alias="schema")
    """Version of this document's form."""
    title: str
    """One line for lists."""
    includes: Many[Name] = ()
    """Shipped plans whose builds come before these."""
    builds: Many[PlannedBuild] = ()
    """The builds in order."""


DOCUMENTS: dict[str, type[Spec]] = {"plan": Plan}
"""The document of a plan by the name of its schema in schemas/."""


def plans() -> dict[str, Path]:
    """Give the file of every plan that comes with taskkit, by name."""
    return {path.stem: path for path in sorted((shipped() / FOLDER).glob("*.yaml"))}


def plan_file(name: str) -> Path | None:
    """Give the file that a plan's name or path stands for; None where it stands for no plan.

    Raises:
        UsageError: a path to no file.
    """
    known = plans()
    if name in known:
        return known[name]
    if not name.endswith(SUFFIXES):
        return None
    if not Path(name).is_file():
        near = get_close_matches(Path(name).stem, known, 1)
        hint = f"did you mean {near[0]!r}, which comes with taskkit?" if near else "need a plan"
        raise UsageError(f"{name}: no such file: {hint}")
    return Path(name)


def read_plan(path: Path) -> tuple[PlannedBuild, ...]:
    """Read the builds of a plan, those that it includes first; paths are made absolute.

    Raises:
        SpecError: the file holds no plan, includes one that is not shipped, or gives a folder to
            two builds.
    """
    builds = tuple(_builds(path, ()))
    folders = [one.folder for one in builds]
    for number, folder in enumerate(folders):
        if folder in folders[:number]:
            raise SpecError(f"{path}: two builds write {folder!r}: give one another `name`")
    if not builds:
        raise SpecError(f"{path}: builds: none: need at least one, or `includes`")
    return builds


def _builds(path: Path, within: tuple[Path, ...]) -> Iterator[PlannedBuild]:
    plan = read_document(path, Plan)
    known = plans()
    for name in plan.includes:
        if name not in known or known[name] in (*within, path):
            near = ", ".join(known)
            raise SpecError(f"{path}: includes: {name!r}: need another shipped plan, of {near}")
        yield from _builds(known[name], (*within, path))
    for one in plan.builds:
        base = path.absolute().parent
        places = {
            field: str(base / place)
            for field, place in (("source", one.source), ("questions", one.questions))
            if place is not None
        }
        yield one.model_copy(update=places)


def order(one: PlannedBuild, out: Path, *, jobs: int = 1, progress: Progress = silent) -> Order:
    """Give the order of a planned build.

    Args:
        out: Folder below which every taskset gets its own.

    Raises:
        UsageError: no such domain, no such source, or an option that the domain does not take.
    """
    found = domain(one.domain)
    for place in (one.source, one.questions):
        if place is not None and not Path(place).exists():
            raise UsageError(f"{one.folder}: {place}: no such file or folder")
    return Order(
        domain=found,
        options=_options(one, found),
        out=out / one.folder,
        source=Path(one.source) if one.source else None,
        questions=Path(one.questions) if one.questions else None,
        seed=one.seed,
        limit=one.count,
        jobs=jobs,
        progress=lambda what, done, total: progress(f"{one.folder}: {what}", done, total),
    )


def _options(one: PlannedBuild, found: Domain) -> BaseModel:
    model = found.builder().Options
    try:
        return model.model_validate(one.options)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        near = get_close_matches(name, model.model_fields, 1)
        hint = f": did you mean {near[0]!r}?" if near and near[0] != name else ""
        raise UsageError(f"{one.folder}: options.{name}: {first['msg']}{hint}") from error
