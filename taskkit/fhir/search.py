"""Searches on a store."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass

from taskkit.fhir import criteria, query
from taskkit.fhir.criteria import Condition
from taskkit.fhir.errors import RefusedError, refused
from taskkit.fhir.parameters import Parameter
from taskkit.fhir.query import Chain, Include, Query, Reverse
from taskkit.fhir.store import Found, Store

MOST_LINKED = 20_000  # resources that a chain may go through
MOST_INCLUDED = 2_000  # resources that may come with a page


@dataclass(frozen=True, slots=True)
class Page:
    """One page of matches."""

    matches: list[Found]
    included: list[Found]
    total: int | None
    more: bool


def search(store: Store, asked: Query, *, size: int) -> Page:
    """The page of a search that begins at its offset.

    Args:
        size: Matches on a page at most.

    Raises:
        RefusedError: a criterion does not fit, or costs too much.
    """
    conditions = asked.conditions + [link(store, one) for one in asked.chains]
    if size == 0 or asked.summary == "count":
        return Page([], [], count(store, asked.type, conditions), more=False)
    text, values = ordered(store, asked, conditions)
    found = store.connection.execute(f"{text} LIMIT ? OFFSET ?", (*values, size + 1, asked.offset))
    matches: list[Found] = [(row[0], asked.type, row[1], row[2]) for row in found]
    more = len(matches) > size
    total = asked.offset + len(matches) if matches and not more else None
    if asked.total == "none":
        total = None
    elif total is None:
        total = count(store, asked.type, conditions)
    del matches[size:]
    return Page(matches, included(store, asked.includes, matches), total, more)


def count(store: Store, type_: str, conditions: list[Condition]) -> int:
    """How many resources match."""
    parts = [clause(store, part, type_, conditions) for part in sides(store, type_)]
    counted = " + ".join(f"(SELECT count(*) {text})" for text, _ in parts)
    values = tuple(value for _, given in parts for value in given)
    (number,) = store.connection.execute(f"SELECT {counted}", values).fetchone()
    return int(number)


def ordered(
    store: Store, asked: Query, conditions: list[Condition]
) -> tuple[str, tuple[object, ...]]:
    """The SELECT of all matches in the order asked for; ties in the order of the store."""
    texts: list[str] = []
    values: list[object] = []
    for part in sides(store, asked.type):
        keys = [sort_key(part, key, down) for key, down in asked.sort]
        columns = "".join(f", {key} AS k{number}" for number, key in enumerate(keys))
        text, given = clause(store, part, asked.type, conditions)
        texts.append(f"SELECT r.rid AS rid, r.id, r.body{columns} {text}")
        values.extend(given)
    order = "".join(
        f"k{number} IS NULL, k{number}{' DESC' if down else ''}, "
        for number, (_, down) in enumerate(asked.sort)
    )
    union = " UNION ALL ".join(texts)
    return f"SELECT rid, id, body FROM ({union}) ORDER BY {order}rid", tuple(values)


def sides(store: Store, type_: str) -> list[str]:
    """The parts of a store that may have resources of a type."""
    return ["base", "main"] if type_ in store.own else ["base"]


def clause(
    store: Store, part: str, type_: str, conditions: list[Condition]
) -> tuple[str, tuple[object, ...]]:
    """FROM and WHERE of a part: the most selective condition leads, the others are looked up."""
    texts = ["r.type = ?"]
    values: list[object] = [type_]
    if part == "base" and store.writes:
        texts.append("r.rid NOT IN (SELECT rid FROM main.hidden)")
    led = False
    for one in sorted(conditions, key=lambda one: (one.drives, one.negated)):
        values.extend(one.values)
        if not one.table:
            texts.append(f"({one.text})")
        elif one.negated:
            rows = f"SELECT 1 FROM {part}.{one.table} x WHERE x.rid = r.rid AND {one.text}"
            texts.append(f"NOT EXISTS ({rows})")
        elif not led:
            texts.append(f"r.rid IN (SELECT rid FROM {part}.{one.table} WHERE {one.text})")
            led = True
        else:
            texts.append(
                f"EXISTS (SELECT 1 FROM {part}.{one.table} x WHERE x.rid = +r.rid AND {one.text})"
            )
    return f"FROM {part}.resource r WHERE {' AND '.join(texts)}", tuple(values)


def sort_key(part: str, key: Parameter | str, down: bool) -> str:
    """The SQL of a sort key: of several values the first, descending the last."""
    if isinstance(key, str):
        return {"_id": "r.id", "_lastUpdated": "r.updated"}[key]
    table = criteria.TABLES[key.kind]
    pick = "max" if down else "min"
    column = {"token": "code", "reference": "target", "string": "plain", "date": "low"}.get(
        table, "value"
    )
    return (
        f"(SELECT {pick}({column}) FROM {part}.{table} s "
        f"WHERE s.rid = r.rid AND s.param = {key.number})"
    )


def link(store: Store, one: Chain | Reverse) -> Condition:
    """The condition of a criterion on another resource, which is searched first."""
    if isinstance(one, Reverse):
        rids = matching(store, one.parameter.type, one.rest, one.value)
        ids = pointed(store, one.parameter, rids)
        return Condition("r.id IN (SELECT value FROM json_each(?))", (criteria.among(ids),), 2)
    ids = []
    tried = 0
    refusal = None
    for type_ in one.types:
        try:
            ids += [id_ for _, id_ in matching(store, type_, one.rest, one.value)]
            tried += 1
        except RefusedError as error:
            refusal = error
    if not tried and refusal is not None:
        raise refusal
    text = f"param = {one.parameter.number} AND target IN (SELECT value FROM json_each(?))"
    if len(one.types) == 1:
        text += f" AND type = '{one.types[0]}'"
    return Condition(text, (criteria.among(ids),), 2, "reference")


def matching(store: Store, type_: str, name: str, value: str) -> list[tuple[int, str]]:
    """rid and id of the resources that match one criterion."""
    inner = query.parse(type_, [(name, value)], now=store.now)
    conditions = inner.conditions + [link(store, one) for one in inner.chains]
    found: list[tuple[int, str]] = []
    for part in sides(store, type_):
        text, values = clause(store, part, type_, conditions)
        found += store.connection.execute(
            f"SELECT r.rid, r.id {text} LIMIT {MOST_LINKED + 1}", values
        ).fetchall()
    if len(found) > MOST_LINKED:
        raise refused(400, "too-costly", f"{name}={value!r}: more than {MOST_LINKED} resources")
    return found


def pointed(store: Store, parameter: Parameter, rids: list[tuple[int, str]]) -> list[str]:
    """The ids that resources refer to."""
    listed = json.dumps([rid for rid, _ in rids])
    ids: dict[str, None] = {}
    for part in sides(store, parameter.type):
        for (target,) in store.connection.execute(
            f"SELECT target FROM {part}.reference WHERE param = ? "
            "AND rid IN (SELECT value FROM json_each(?))",
            (parameter.number, listed),
        ):
            ids[target] = None
    return list(ids)


def included(store: Store, includes: list[Include], matches: list[Found]) -> list[Found]:
    """The resources that come with matches, each once, the matches left out."""
    seen = {(type_, id_) for _, type_, id_, _ in matches}
    found: list[Found] = []
    fresh = matches
    turns = 3 if any(one.iterate for one in includes) else 1
    for turn in range(turns):
        added: list[Found] = []
        for one in includes:
            if turn and not one.iterate:
                continue
            for item in (referring if one.reverse else referred)(store, one, fresh):
                if item[1:3] not in seen:
                    seen.add(item[1:3])
                    added.append(item)
        found += added
        fresh = added
        if len(found) > MOST_INCLUDED:
            raise refused(400, "too-costly", f"more than {MOST_INCLUDED} included resources")
    return found


def referred(store: Store, one: Include, matches: list[Found]) -> list[Found]:
    """The resources that matches refer to."""
    listed = json.dumps([rid for rid, type_, _, _ in matches if type_ == one.parameter.type])
    keys: dict[tuple[str, str], None] = {}
    for part in ("base", "main"):
        for key in store.connection.execute(
            f"SELECT type, target FROM {part}.reference WHERE param = ? "
            "AND rid IN (SELECT value FROM json_each(?)) ORDER BY rid, type, target",
            (one.parameter.number, listed),
        ):
            if one.target in (None, key[0]):
                keys[key] = None
    found = (store.find(*key) for key in keys)
    return [one for one in found if one is not None]


def referring(store: Store, one: Include, matches: list[Found]) -> list[Found]:
    """The resources that refer to matches."""
    found: list[Found] = []
    for type_ in dict.fromkeys(match[1] for match in matches):
        listed = json.dumps([match[2] for match in matches if match[1] == type_])
        text = (
            f"param = {one.parameter.number} AND type IN ('', '{type_}') "
            "AND target IN (SELECT value FROM json_each(?))"
        )
        condition = Condition(text, (listed,), 1, "reference")
        for part in sides(store, one.parameter.type):
            clauses, values = clause(store, part, one.parameter.type, [condition])
            sql = f"SELECT r.rid, r.id, r.body {clauses} ORDER BY r.rid LIMIT {MOST_INCLUDED + 1}"
            for rid, id_, body in store.connection.execute(sql, values):
                found.append((rid, one.parameter.type, id_, body))
    return found


def interrupted(error: sqlite3.OperationalError) -> bool:
    """Whether a query ran into the limit of its time."""
    return "interrupted" in str(error)
