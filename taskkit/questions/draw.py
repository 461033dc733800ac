"""Fill the slots of a template: which instances there are, in a random order that never changes."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from random import Random

from taskkit.questions.bank import Bank, Entry
from taskkit.questions.rendering import Value, code, put, sentence, words
from taskkit.questions.template import Wording, slots_of
from taskkit.questions.window import draw

MAX_DRAWS = 40_000  # slots drawn per template; bounds time and memory, not the bank
Row = tuple[str | int | float | None, ...]


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


def seeded(*parts: object) -> Random:
    """A random generator that depends on nothing but ``parts``."""
    return Random(hashlib.sha256(repr(parts).encode()).digest())


def population(
    entry: Entry, bank: Bank, connection: sqlite3.Connection
) -> tuple[list[str], list[Row]]:
    """The columns and the distinct rows that fill a template's slots, in a fixed order."""
    inner = put(entry.population, {"now": f"'{bank.now}'"}).strip().rstrip(";")
    cursor = connection.execute(f"select distinct * from ({inner})")
    rows = [row for row in cursor if None not in row]
    rows.sort(key=lambda row: tuple((isinstance(value, str), value) for value in row))
    return [column[0] for column in cursor.description], rows


def instances(
    entry: Entry, bank: Bank, columns: Sequence[str], rows: Sequence[Row], seed: int
) -> Iterator[Instance]:
    """The distinct instances of a template, as far as `MAX_DRAWS` draws reach."""
    template = entry.template
    combinations = list(product(*template.choices.values()))
    kinds = template.window.kinds if template.window else (None,)
    size = len(rows) * len(combinations) * len(kinds)
    order = seeded(seed, template.id).sample(range(size), min(size, MAX_DRAWS))
    seen: set[str] = set()
    for index in order:
        rest, kind_index = divmod(index, len(kinds))
        row_index, choice_index = divmod(rest, len(combinations))
        slots: dict[str, Value] = dict(zip(columns, rows[row_index], strict=True))  # type: ignore[arg-type]
        slots |= dict(zip(template.choices, combinations[choice_index], strict=True))
        kind = kinds[kind_index]
        if template.window and kind:
            span = draw(kind, str(slots["at"]), bank.now, seeded(seed, template.id, index))
            if span is None:
                continue
            condition = span.condition.replace("{column}", template.window.column)
            slots["window"] = Wording(words=span.words, sql=condition)
        instance = _instance(entry, bank, slots)
        if instance.record not in seen:
            seen.add(instance.record)
            yield instance


def _instance(entry: Entry, bank: Bank, slots: dict[str, Value]) -> Instance:
    template = entry.template
    used = set().union(*(slots_of(text) for text in (template.sql, *template.phrasings))) - {"now"}
    named = {name: words(slots[name]) for name in sorted(used)}
    digest = hashlib.sha256(_canonical({"template": template.id, "slots": named})).hexdigest()
    phrasing = template.phrasings[int(digest[8:16], 16) % len(template.phrasings)]
    codes: dict[str, str] = {name: code(slots[name]) for name in used} | {"now": f"'{bank.now}'"}
    sql = _tidy(put(template.sql, codes))
    probe = sql
    limit: int | None = None
    if template.top:
        limit = int(words(slots[template.top.limit]))
        probe = _tidy(put(template.sql, codes | {template.top.limit: str(limit + 1)}))
    shown = " ".join(f"{name}={value!r}" for name, value in named.items())
    text = sentence(put(phrasing, named | {"now": bank.now}))
    return Instance(f"{template.id} {shown}".strip(), digest, text, sql, limit, probe)


def _canonical(document: object) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _tidy(sql: str) -> str:
    return "\n".join(line.rstrip() for line in sql.strip().rstrip(";").splitlines())
