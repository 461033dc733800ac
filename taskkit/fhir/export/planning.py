"""Which templates fit an export's records, and the tasks that they give."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from random import Random

from taskkit.build.echo import echoed
from taskkit.build.protocol import Unit
from taskkit.build.rejection import Rejection
from taskkit.fhir.bank.chart import Chart
from taskkit.fhir.bank.making import Site, chart, task, value_oracle
from taskkit.fhir.bank.question import BANK, Draw, Question, UnfitError
from taskkit.fhir.export.general import GENERAL, Pick
from taskkit.fhir.export.records import records
from taskkit.spec.task import TaskSpec

TRIES = 200  # draws of a template before it is given up
SPARE = 1.4  # of what is drawn over what is wanted: some draws are told apart too little
UNIT_SIZE = 12  # questions
MOST_CHART = 200_000  # resources; the bank of the embedded hospital holds all of them in memory
GENERAL_FOLDER = "general"
PREFIX = "export-"
MISSING = (LookupError, ValueError, TypeError, AttributeError, AssertionError, StopIteration,
           ArithmeticError)  # fmt: skip
"""What a template meets in records that are not what it was written for."""


def planned(
    site: Site, *, resources: int, limit: int | None, each: int
) -> tuple[list[Unit], list[str]]:
    """The units over a store, and what is said of the templates that are left out.

    Args:
        resources: How many the store has.
        limit: Tasks wanted in all.
        each: Questions wanted of each template, where no limit is given.
    """
    fitting = [name for name in GENERAL if tried(site, name)]
    notes = []
    if resources > MOST_CHART:
        said = f"over {MOST_CHART:,} resources"
        notes.append(f"the {len(BANK)} templates of the embedded hospital are left out: {said}")
    else:
        fitting += [name for name in BANK if tried(site, name)]
    left = [name for name in (*GENERAL, *BANK) if name not in fitting]
    if left and resources <= MOST_CHART:
        notes.append(
            f"{len(fitting)} templates fit; {len(left)} are left out, which need what the source "
            f"has not: {', '.join(left)}"
        )
    wanted = each if limit is None else -(-limit // max(1, len(fitting)))
    drawn = int(wanted * SPARE) + 2
    units = [
        Unit(f"{PREFIX}{name}-{start}", (name, start, min(start + UNIT_SIZE, drawn)))
        for name in fitting
        for start in range(0, drawn, UNIT_SIZE)
    ]
    return units, notes


def tried(site: Site, name: str) -> bool:
    """Whether a template finds something to ask."""
    try:
        question(site, name, Random(f"try:{name}:{site.seed}"), act=True)
    except UnfitError:
        return False
    return True


def question(site: Site, name: str, chance: Random, *, act: bool) -> Question:
    """Draw until a question fits.

    Raises:
        UnfitError: none does.
    """
    for _ in range(TRIES):
        try:
            if name in GENERAL:
                known = records(site.store, site.now)
                return GENERAL[name][1](Pick(known, chance, act))
            found: Chart = chart(site.store, site.now)
            return BANK[name].make(Draw(found, chance, act))
        except (UnfitError, *MISSING):
            continue
    raise UnfitError(f"{name}: no draw of {TRIES} fits")


def tasks(site: Site, name: str, numbers: Iterable[int]) -> Iterator[TaskSpec | Rejection]:
    """The tasks of a template by their numbers."""
    general = name in GENERAL
    category = GENERAL[name][0] if general else BANK[name].category
    place = replace(site, folder=site.folder / GENERAL_FOLDER) if general else site
    for number in numbers:
        record = f"{name}:{site.seed}:{number}"
        chance = Random(record)
        try:
            drawn = question(site, name, chance, act=number % 2 == 0)
        except UnfitError as error:
            yield Rejection(record, "degenerate_answer", str(error))
            continue
        made = task(place, name, category, drawn, chance, record)
        told = value_oracle(drawn)["expected"]
        asked = re.sub(r"Patient/\S+", "", made.instruction.split("\n\n")[0]).lower()
        if echoed(told, asked):
            yield Rejection(record, "answer_in_question", f"{told!r}")
        else:
            yield made
