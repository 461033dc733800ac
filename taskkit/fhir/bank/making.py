"""From a template to tasks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
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
from taskkit.fhir.bank import cohorts, corrections, decisions, entries, lookups, trends
from taskkit.fhir.bank.chart import Chart
from taskkit.fhir.bank.question import BANK, Question, UnfitError, draw
from taskkit.oracles.state import StateOracle
from taskkit.spec.answer import NumberAnswer
from taskkit.spec.environment import Asset, Environment, Service
from taskkit.spec.task import TaskSpec
from taskkit.sqlite import connect

STORE = "hospital.sqlite"
PORT = 8080
BASE = f"http://127.0.0.1:{PORT}/fhir"
PAGE, MOST = 10, 100  # matches on a page, by default and at most
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
    """The records of a store."""
    with closing(connect(store)) as connection:
        rows = connection.execute("SELECT body FROM resource ORDER BY rid")
        resources = [json.loads(body) for (body,) in rows]
    return Chart(resources, now)


@lru_cache(4)
def texts(folder: Path) -> tuple[Mapping[str, dict[str, list[str]]], Mapping[str, str]]:
    """The wordings and the rules of a domain's folder."""
    wordings = yaml.safe_load((folder / "templates/questions.yaml").read_text(encoding="utf-8"))
    rules = yaml.safe_load((folder / "templates/rules.yaml").read_text(encoding="utf-8"))
    return wordings, rules


@lru_cache(256)
def program(folder: Path, name: str) -> str:
    """The reference of a template, with what it uses of the shared functions."""
    shared = (folder / "programs/shared.py").read_text(encoding="utf-8")
    own = (folder / f"programs/{name}.py").read_text(encoding="utf-8")
    head, *functions = re.split(r"\n\n\n(?=def )", shared.strip())
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


def questions(site: Site, name: str, numbers: Iterable[int]) -> Iterator[TaskSpec | Rejection]:
    """The tasks of a template by their numbers; decisions go either way in turn."""
    entry, records = BANK[name], chart(site.store, site.now)
    for number in numbers:
        record = f"{name}:{site.seed}:{number}"
        chance = Random(record)
        try:
            question = draw(entry, records, chance, act=number % 2 == 0)
        except UnfitError as error:
            yield Rejection(record, "degenerate_answer", str(error))
            continue
        made = task(site, name, entry.category, question, chance, record)
        told = value_oracle(question)["expected"]
        if echoed(told, made.instruction.lower()):
            yield Rejection(record, "answer_in_question", f"{told!r}")
        else:
            yield made


def task(
    site: Site, name: str, category: str, question: Question, chance: Random, record: str
) -> TaskSpec:
    """The task of a question."""
    answer = question.answer
    oracle = StateOracle.model_validate(
        {
            "kind": "state",
            "service": "fhir",
            "changes": list(question.changes),
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
