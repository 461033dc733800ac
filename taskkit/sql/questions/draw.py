"""Fill the slots of a template: which instances there are, in a random order that never changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from random import Random
from typing import NamedTuple

from taskkit.sql.questions.bank import Bank, Entry
from taskkit.sql.questions.population import Population, seeded
from taskkit.sql.questions.rendering import Value, code, put, sentence, words
from taskkit.sql.questions.template import Wording, slots_of
from taskkit.sql.questions.window import draw

ALWAYS = "1 = 1"  # a condition in the place of a span of time


class Turn(NamedTuple):
    """A turn after the first, its slots filled, before its SQL has run."""

    text: str
    sql: str
    timeless: str | None
    """The same without the span of time of the dialogue; None without one."""


@dataclass(frozen=True, slots=True)
class Instance:
    """A template with its slots filled, before its SQL has run."""

    record: str
    record_sha256: str
    text: str
    sql: str
    limit: int | None
    """How many rows the SQL ranks out."""
    probe: str
    """The SQL to run: with a limit one higher where there is one, to see a tie."""
    timeless: str | None
    """The same without its span of time, to see whether the span matters; None without one."""
    follow_ups: tuple[Turn, ...] = ()
    """The turns that follow, where it opens a dialogue."""


def shuffled(size: int, random: Random) -> Iterator[int]:
    """The numbers below ``size`` in random order, each found only when it is asked for."""
    moved: dict[int, int] = {}
    for place in range(size):
        other = random.randrange(place, size)
        yield moved.get(other, other)
        moved[other] = moved.pop(place, place)


def instances(entry: Entry, bank: Bank, population: Population, seed: int) -> Iterator[Instance]:
    """The instances of a template, no two with the same words or SQL, in an order for good."""
    template = entry.template
    combinations = list(product(*template.choices.values()))
    kinds = template.window.kinds if template.window else (None,)
    size = len(population.rows) * len(combinations) * len(kinds)
    seen: set[str] = set()
    for index in shuffled(size, seeded(seed, template.id)):
        rest, kind_index = divmod(index, len(kinds))
        row_index, choice_index = divmod(rest, len(combinations))
        row = population.rows[row_index]
        slots: dict[str, Value] = dict(zip(population.slots, row, strict=True))
        slots |= dict(zip(template.choices, combinations[choice_index], strict=True))
        kind = kinds[kind_index]
        if template.window and kind:
            span = draw(kind, str(slots["at"]), bank.now, seeded(seed, template.id, index))
            if span is None:
                continue
            condition = span.condition.replace("{column}", template.window.column)
            slots["window"] = Wording(words=span.words, sql=condition)
        instance = fill_slots(entry, bank, slots)
        queries = "\n".join([instance.sql, *(one.sql for one in instance.follow_ups)])
        keys = {instance.record_sha256, hashlib.sha256(queries.encode()).hexdigest()}
        if seen.isdisjoint(keys):
            seen |= keys
            yield instance


def fill_slots(entry: Entry, bank: Bank, slots: Mapping[str, Value]) -> Instance:
    """The instance with these values in the slots, `window` among them where there is one."""
    template = entry.template
    texts = [template.sql, *template.phrasings]
    texts += [text for one in entry.follow_ups for text in (one.sql, *one.phrasings)]
    used = set().union(*map(slots_of, texts)) - {"now"}
    named = {name: words(slots[name]) for name in sorted(used)}
    digest = hashlib.sha256(_canonical({"template": template.id, "slots": named})).hexdigest()
    way = int(digest[8:16], 16) % len(template.phrasings)
    codes: dict[str, str] = {name: code(slots[name]) for name in used} | {"now": f"'{bank.now}'"}
    sql = _tidy(put(template.sql, codes))
    limit = int(words(slots[template.top.limit])) if template.top else None
    if template.top and limit is not None:
        codes[template.top.limit] = str(limit + 1)
    probe = _tidy(put(template.sql, codes))

    def timeless(sql: str) -> str | None:
        return _tidy(put(sql, codes | {"window": ALWAYS})) if "window" in slots_of(sql) else None

    shown = " ".join(f"{name}={value!r}" for name, value in named.items())
    shared = named | {"now": bank.now}
    text = sentence(template.phrasings[way], shared)
    return Instance(
        f"{template.id} {shown}".strip(), digest, text, sql, limit, probe, timeless(template.sql),
        tuple(
            Turn(
                sentence(one.phrasings[way], shared),
                _tidy(put(one.sql, codes)),
                timeless(one.sql),
            )
            for one in entry.follow_ups
        ),
    )  # fmt: skip


def _canonical(document: object) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _tidy(sql: str) -> str:
    return "\n".join(line.rstrip() for line in sql.strip().rstrip(";").splitlines())
