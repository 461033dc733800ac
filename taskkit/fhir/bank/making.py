"""From a template to tasks."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

import yaml
from pydantic import JsonValue

from taskkit.build.draft import Desk
from taskkit.build.echo import echoed
from taskkit.build.rejection import Rejection
from taskkit.fhir.bank import changes, cohorts, corrections, decisions, entries, lookups, trends
from taskkit.fhir.bank.chart import Chart
from taskkit.fhir.bank.question import BANK, Entry, Question, UnfitError, draw
from taskkit.fhir.parts import parts
from taskkit.fhir.rehearsal import Rehearsal
from taskkit.oracles.judge import expected
from taskkit.oracles.state import StateOracle
from taskkit.spec.answer import NumberAnswer
from taskkit.spec.environment import Asset, Environment, Service
from taskkit.spec.task import TaskSpec
from taskkit.sqlite import connect

STORE = "hospital.sqlite"
PORT = 8080
BASE = f"http://127.0.0.1:{PORT}/fhir"
PAGE, MOST = 10, 100  # matches on a page, by default and at most
SAME = 2  # questions of a dozen that may have the same answer
DRAWS, LEAST_DRAWS = 60, 2  # of a question, until one tells careless readers apart
SMALL = 4  # members of an object that many resources may share
MODULES = (cohorts, corrections, decisions, entries, lookups, trends)
"""They fill the bank."""


@dataclass(frozen=True)
class Site:
    """What every question of a build shares; it goes to every worker."""

    desk: Desk
    folder: Path
    store: Path
    sha256: str
    now: datetime
    seed: int

    def environment(self) -> Environment:
        """The server beside the agent."""
        service = Service(
            name="fhir",
            kind="fhir",
            port=PORT,
            data=STORE,
            options={"now": self.now.isoformat(), "port": PORT, "page": PAGE, "most": MOST},
        )
        asset = Asset(name=STORE, sha256=self.sha256, reader="judge")
        return Environment(
            image=self.desk.image, assets=(asset,), services=(service,), network="services"
        )


@lru_cache(1)
def chart(store: Path, now: datetime) -> Chart:
    """The records of a store; equal small parts, such as codes and units, are one object."""
    kept: dict[str, dict[str, JsonValue]] = {}

    def shared(part: dict[str, JsonValue]) -> dict[str, JsonValue]:
        return kept.setdefault(repr(part), part) if len(part) <= SMALL else part

    read = json.JSONDecoder(object_hook=shared).decode
    with closing(connect(store)) as connection:
        rows = connection.execute("SELECT body FROM resource ORDER BY rid")
        return Chart([read(body) for (body,) in rows], now)


@lru_cache(4)
def texts(folder: Path) -> tuple[Mapping[str, dict[str, list[str]]], Mapping[str, str]]:
    """The wordings and the rules of a domain's folder."""
    wordings = yaml.safe_load((folder / "templates/questions.yaml").read_text(encoding="utf-8"))
    rules = yaml.safe_load((folder / "templates/rules.yaml").read_text(encoding="utf-8"))
    return wordings, rules


@lru_cache(256)
def program(folder: Path, name: str) -> str:
    """The reference of a template, with what it uses of the shared functions."""
    own = (folder / f"programs/{name}.py").read_text(encoding="utf-8")
    head, functions = parts(folder / "programs/shared.py")
    used: dict[str, None] = {}
    waiting = own
    while True:
        fresh = [
            text
            for text in functions
            if text not in used and re.search(rf"\b{text[4 : text.index('(')]}\(", waiting)
        ]
        if not fresh:
            break
        used |= dict.fromkeys(fresh)
        waiting = "\n".join(fresh)
    kept = [text for text in functions if text in used]
    body = "\n\n\n".join([head, *kept, own.strip()])
    if "timedelta" in body:
        body = body.replace("import datetime\n", "import datetime, timedelta\n", 1)
    return f"{body}\n"


@lru_cache(1)
def rehearsal(store: Path, now: datetime) -> Rehearsal:
    """Where references are played while they are made."""
    return Rehearsal(store, now, BASE, page=PAGE, most=MOST)


def questions(site: Site, name: str, numbers: Iterable[int]) -> Iterator[TaskSpec | Rejection]:
    """The tasks of a template by their numbers; decisions go either way in turn."""
    taken: Counter[str] = Counter()
    found = []
    for number in numbers:
        made = best(site, BANK[name], number, taken)
        if isinstance(made, TaskSpec):
            taken.update((answer_of(made), *map(str, made.reference.steps)))
        found.append(made)
    yield from paired(found) if BANK[name].decides else found


def paired(found: Sequence[TaskSpec | Rejection]) -> Iterator[TaskSpec | Rejection]:
    """Decisions without those whose other branch, the one before or after it, has no question."""
    for number, one in enumerate(found):
        other = found[number ^ 1] if number ^ 1 < len(found) else one
        if isinstance(one, TaskSpec) and isinstance(other, Rejection):
            yield Rejection(one.provenance.record, "unbalanced", f"{other.record}: {other.code}")
        else:
            yield one


def answer_of(task: TaskSpec) -> str:
    """The answer of a task as text."""
    return json.dumps(expected(task))


def best(
    site: Site, entry: Entry, number: int, taken: Counter[str] | None = None
) -> TaskSpec | Rejection:
    """Of some draws, the one whose records tell the reference from most careless readers.

    None is taken that a reader passes who leaves out a page, a condition or a unit, or takes the
    first value for the last, unless that one reads the very same.

    Args:
        taken: References and answers of the questions before it.
    """
    taken = Counter() if taken is None else taken
    record, records = f"{entry.name}:{site.seed}:{number}", chart(site.store, site.now)
    chance, stage = Random(record), rehearsal(site.store, site.now)
    found: tuple[tuple[int, int], TaskSpec] | None = None
    why = Rejection(record, "degenerate_answer", "no draw fits")
    for turn in range(DRAWS):
        try:
            question = draw(entry, records, chance, act=number % 2 == 0)
        except UnfitError as error:
            why = Rejection(record, "degenerate_answer", str(error))
            break
        made = task(site, entry.name, entry.category, question, chance, record)
        told = value_oracle(question)["expected"]
        if echoed(told, made.instruction.lower()):
            why = Rejection(record, "answer_in_question", f"{told!r}")
            continue
        asked = any(taken[str(step)] for step in made.reference.steps)
        if asked or taken[answer_of(made)] >= SAME:
            why = Rejection(record, "unbalanced", f"{told!r}")
            continue
        fates = stage.fates(made, code(site, entry.name, question.values))
        if fates is None:
            why = Rejection(record, "not_computable", "the reference does not earn the reward")
        elif fates.idle:
            why = Rejection(record, "indistinct", ", ".join(fates.idle))
        elif found is None or fates.rank < found[0]:
            found = fates.rank, made
        if found is not None and (turn + 1 >= LEAST_DRAWS or not any(found[0])):
            break
    return why if found is None else found[1]


def task(
    site: Site, name: str, category: str, question: Question, chance: Random, record: str
) -> TaskSpec:
    """The task of a question."""
    answer = question.answer
    oracle = StateOracle.model_validate(
        {
            "kind": "state",
            "service": "fhir",
            "changes": [
                changes.owned(one, chart(site.store, site.now)) for one in question.changes
            ],
            "value": value_oracle(question),
        }
    )
    text = wording(site, name, question, chance)
    content: JsonValue = {"template": name, "text": text, "values": dict(question.values)}
    return site.desk.draft(
        text,
        answer.spec,
        oracle,
        code(site, name, question.values),
        category=f"{category}-{name}",
        record=record,
        content=content,
        environment=site.environment(),
    )


def value_oracle(question: Question) -> dict[str, JsonValue]:
    """What judges the answer."""
    answer = question.answer
    if isinstance(answer.spec, NumberAnswer):
        return {
            "kind": "numeric",
            "expected": float(answer.expected),
            "unit": answer.spec.unit,
            "decimals": answer.spec.decimals,
            "tolerance": {"absolute": answer.tolerance},
        }
    return {"kind": "exact", "expected": answer.expected}


def wording(site: Site, name: str, question: Question, chance: Random) -> str:
    """The instruction without the form of the answer."""
    wordings, rules = texts(site.folder)
    entry = wordings[name]
    asked = chance.choice(entry["wordings"]).format(**question.slots)
    asked = asked[0].upper() + asked[1:]
    told = [rules[rule] for rule in entry.get("rules", ())]
    place = f"The hospital's FHIR R4 server is at {BASE}. It is {site.now:%Y-%m-%d %H:%M} UTC."
    return "\n\n".join(part for part in (asked, place, " ".join(told)) if part)


def code(site: Site, name: str, values: Mapping[str, Any]) -> str:
    """The reference program with its values."""
    given = {"BASE": BASE, "NOW": site.now.isoformat(), **values}
    lines = [f"{key} = {value!r}" for key, value in given.items()]
    head, rest = program(site.folder, name).split("\nsession =", 1)
    return "\n".join([head.strip(), "", *lines, f"session ={rest}"])
