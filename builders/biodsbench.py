"""Analyses of cancer studies: a bank of questions over studies of our own, or BioDSBench's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Annotated, ClassVar, cast

from pydantic import BaseModel, Field

from taskkit.build.counting import counts
from taskkit.build.domain import Domain
from taskkit.build.draft import Desk, own
from taskkit.build.labels import Labelled
from taskkit.build.protocol import Balance, Preparation, Request, Unit
from taskkit.build.rejection import Rejection
from taskkit.errors import MissingError
from taskkit.spec.base import Spec
from taskkit.spec.environment import Environment
from taskkit.spec.task import TaskSpec

if TYPE_CHECKING:
    from taskkit.analysis.bank import Entry
    from taskkit.analysis.record import Record

SPARE = 1.25  # of what is drawn over what is wanted: some questions have no use in a study
LEAST_SPARE = 5
IMAGE = "ml"
VARIANTS = 2  # of each study that the audit compares programs on
NEEDED = ("pandas", "scipy", "sklearn", "lifelines")
Asking = tuple[str, int, int]
"""A question by its name, the place of a study, and how often that pair has been drawn before."""


class BiodsbenchOptions(Spec):
    """The choices of `taskkit build biodsbench`."""

    per_question: Annotated[int, counts("embedded", drawn=True)] = Field(default=3, ge=1, le=1000)
    """Tasks drawn of each question of the bank, where no --count says how many in all."""


class BiodsbenchBuilder:
    """Builds questions over the tables of cancer studies."""

    Options: ClassVar[type[BaseModel]] = BiodsbenchOptions

    def prepare(self, request: Request) -> Preparation:
        """Draw the studies, and plan which question is asked of which."""
        if request.source is not None:
            from taskkit.analysis.release import prepare

            return prepare(request, request.source)
        require_libraries()
        from taskkit.analysis.files import environment
        from taskkit.analysis.publication import publish
        from taskkit.analysis.recipes import RECIPES
        from taskkit.analysis.solving import shuffle

        manifest = Domain.read(request.folder).manifest
        tables, shuffled = request.workdir / "studies", request.workdir / "shuffled"
        files: dict[str, Path] = {}
        for folder in (tables, shuffled):
            folder.mkdir(parents=True)
        for number, recipe in enumerate(RECIPES):
            request.progress("studies", number, len(RECIPES))
            files |= publish(recipe, tables, request.seed)
        shuffle(files, shuffled)
        options = cast(BiodsbenchOptions, request.options)
        origin = own("biodsbench", request.folder)
        asked = plan(request.folder, request.limit, options.per_question)
        return Preparation(
            origins=(origin,),
            assets=files,
            documents={},
            units=[Unit("-".join(map(str, one)), one) for one in asked],
            images=(manifest.image,),
            limit=request.limit,
            balance=Balance(),
            extra={
                "folder": request.folder,
                "seed": request.seed,
                "tables": tables,
                "shuffled": shuffled,
                "environment": environment(manifest.image, files),
                "desk": Desk("biodsbench", manifest.image, origin),
            },
        )

    def produce(self, preparation: Preparation, unit: Unit) -> Iterator[TaskSpec | Rejection]:
        """Ask one question of one study, or take the published ones of one study."""
        if isinstance(unit.payload, list):
            from taskkit.analysis.release import tasks

            yield from tasks(preparation, cast("list[Record]", unit.payload))
            return
        from taskkit.analysis.bank import read_bank
        from taskkit.analysis.question import ask_anew
        from taskkit.analysis.recipes import RECIPES
        from taskkit.analysis.solving import OrderError, solve
        from taskkit.analysis.values import VagueError, object_answer, remarks, values_oracle

        extra = preparation.extra
        name, place, turn = cast(Asking, unit.payload)
        entry = read_bank(cast(Path, extra["folder"]))[name]
        record = f"{name}:{RECIPES[place].name}:{extra['seed']}:{turn}"
        seed = f"{name}:{RECIPES[place].name}:{extra['seed']}"
        question = ask_anew(entry, RECIPES[place], seed, turn)
        if question is None:
            yield Rejection(record, "duplicate", "every choice of its parameters was asked before")
            return
        try:
            expected = solve(question, cast(Path, extra["tables"]), cast(Path, extra["shuffled"]))
        except VagueError as error:
            yield Rejection(record, "degenerate_answer", str(error))
        except OrderError as error:
            yield Rejection(record, "ambiguous_order", str(error))
        except ValueError as error:
            yield Rejection(record, "not_computable", str(error))
        else:
            asked = entry.question.answer
            yield cast(Desk, extra["desk"]).draft(
                f"{question.text} {remarks(asked)}".strip(),
                object_answer(asked, expected),
                values_oracle(asked, expected),
                question.code(),
                category=entry.category,
                record=record,
                environment=cast(Environment, extra["environment"]),
            )

    def labels(self, source: Path) -> Iterator[Labelled]:
        """Recompute the assertions of every published record whose tables are there."""
        from taskkit.analysis.release import labels

        return labels(source, IMAGE)

    def variants(self, folder: Path, category: str) -> Iterator[str]:
        """Give the program of a category for every study with other parameters."""
        from taskkit.analysis.bank import read_bank
        from taskkit.analysis.question import ask
        from taskkit.analysis.recipes import RECIPES

        entry = read_bank(folder).get(category.rpartition("-")[2])
        for number in range(VARIANTS if entry is not None else 0):
            for recipe in RECIPES:
                assert entry is not None
                yield ask(
                    entry, recipe, Random(f"variant:{category}:{recipe.name}:{number}")
                ).code()


def plan(folder: Path, limit: int | None, per_question: int) -> list[Asking]:
    """Plan which question is asked of which study, every question once before any twice.

    A question without parameters is asked of each study once.
    """
    from taskkit.analysis.bank import read_bank
    from taskkit.analysis.recipes import RECIPES

    bank = mixed(read_bank(folder))
    wanted = per_question * len(bank)
    if limit is not None:
        wanted = int(limit * SPARE) + LEAST_SPARE
    asked: list[Asking] = []
    for turn in count():
        before = len(asked)
        for number, (name, entry) in enumerate(bank.items()):
            again, place = divmod(turn, len(RECIPES))
            if again == 0 or entry.question.parameters:
                asked.append((name, (number + place) % len(RECIPES), again))
        if len(asked) >= wanted or len(asked) == before:
            return asked[:wanted]
    raise AssertionError("counting does not end")


def mixed(bank: Mapping[str, Entry]) -> dict[str, Entry]:
    """Give the questions in turns, one of each group after the other."""
    places: Counter[str] = Counter()
    order: list[tuple[int, str, str]] = []
    for name, entry in bank.items():
        order.append((places[entry.group], entry.group, name))
        places[entry.group] += 1
    return {name: bank[name] for _, _, name in sorted(order)}


def require_libraries() -> None:
    """Refuse to go on without the libraries that references are written with.

    Raises:
        MissingError: one is not installed.
    """
    lacking = [name for name in NEEDED if find_spec(name) is None]
    if lacking:
        names = ", ".join(lacking)
        raise MissingError(
            f"biodsbench: {names}: not installed: need `pip install taskkit[analysis]`"
        )
