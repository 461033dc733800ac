"""Mutants of what a reference writes to a FHIR server, and of what it reads from it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta

from pydantic import JsonValue

from taskkit.audit.mutant import Mutant
from taskkit.oracles.elements import leaves, utc
from taskkit.oracles.evidence import Change

OTHER = "0000000000000000"  # the id of somebody else
UNITS = {"mg": "g", "g": "mg", "mmol/L": "mg/dL", "kg": "g", "meq": "mg", "[iU]": "mg"}
STATES = {"active": "draft", "final": "preliminary", "stopped": "cancelled", "booked": "proposed"}
VERBOSE = ("display", "text", "unit", "system", "lastUpdated", "versionId", "resourceType")
"""Members that say again what a code says, or that the server sets."""


@dataclass(frozen=True, slots=True)
class Rewriting:
    """Other changes than the reference makes."""

    about: str
    change: str
    changes: tuple[Change, ...]


def written(changes: Sequence[Change]) -> Iterator[Rewriting]:
    """Other changes than those made: missing, doubled, extra, and one element each altered."""
    for number, one in enumerate(changes):
        rest = [*changes[:number], *changes[number + 1 :]]
        yield Rewriting("missing", f"{one.key} is not written", tuple(rest))
        if one.op == "created":
            twin = Change("created", f"{one.key}-2", None, one.after)
            yield Rewriting("doubled", f"{one.key} is written twice", (*changes, twin))
        for about, change, after in altered(one):
            other = Change(one.op, one.key, one.before, after)
            yield Rewriting(about, change, (*changes[:number], other, *changes[number + 1 :]))
    extra = Change("created", "Flag/x", None, {"resourceType": "Flag", "status": "active"})
    yield Rewriting("extra", "a Flag is written beside", (*changes, extra))


def altered(change: Change) -> Iterator[tuple[str, str, JsonValue]]:
    """What else a resource could have become: about what, the change, the resource."""
    if not isinstance(change.after, dict):
        return
    old = dict(leaves(change.before or {}))
    seen: set[str] = set()
    for path, value in leaves(change.after):
        name = path.rsplit(".", 1)[-1]
        if path in seen or old.get(path) == value or name in VERBOSE or path in ("id", "text"):
            continue
        seen.add(path)
        for about, other in others(path, value):
            after = deepcopy(change.after)
            if put(after, path.split("."), value, other):
                yield about, f"{path}: {value!r} -> {other!r}", after
    more = {**deepcopy(change.after), "doNotPerform": True}
    yield "element", "doNotPerform: true is added", more


def others(path: str, value: JsonValue) -> Iterator[tuple[str, JsonValue]]:
    """Other values of an element, each with what it is about."""
    name = path.rsplit(".", 1)[-1]
    if isinstance(value, bool):
        yield "code", not value
    elif isinstance(value, (int, float)):
        yield "dose", round(value * 2 + 1, 3)
        yield "dose", round(value / 1000, 6)
    elif name == "reference":
        yield (
            "patient" if "Patient/" in str(value) else "reference",
            f"{str(value).split('/')[0]}/{OTHER}",
        )
    elif isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d", value):
        yield "time", later(value)
    elif isinstance(value, str) and value in UNITS:
        yield "unit", UNITS[value]
    elif isinstance(value, str):
        yield "code", STATES.get(value, f"{value}0")


def later(text: str) -> str:
    """A date or time a day later."""
    moved = utc(text) + timedelta(days=1)
    return moved.isoformat() if "T" in text else moved.date().isoformat()


def put(document: JsonValue, path: list[str], old: JsonValue, new: JsonValue) -> bool:
    """Replace the first value at a path that is the old one, in place; whether there was one."""
    if isinstance(document, list):
        return any(put(one, path, old, new) for one in document)
    if not isinstance(document, dict) or path[0] not in document:
        return False
    inner = document[path[0]]
    if len(path) > 1:
        return put(inner, path[1:], old, new)
    if isinstance(inner, list) and old in inner:
        inner[inner.index(old)] = new
        return True
    if inner == old:
        document[path[0]] = new
        return True
    return False


READS: tuple[tuple[str, str, str], ...] = (
    ("page", r'links\.get\("next"\)', "None"),
    ("unit", r'\* factors\.get\(\(code, value\["code"\]\), 1\)', "* 1"),
    ("status", r'\n *status="final,amended,corrected",', ""),
    ("status", r', "clinical-status": "active"', ""),
    ("status", r', "?(?<!\(patient, )status"?(=|: )"(active|booked|completed)"', ""),
    ("status", r", status=status", ""),
    ("status", r'"status": "in-progress", ', ""),
    ("status", r', status="free"', ""),
    ("status", r'if not coded\(one\["verificationStatus"\], "refuted"\)', ""),
    (
        "patient",
        r'\(patient,\) = every\("Patient", identifier=mrn\)',
        'patient = every("Patient")[0]',
    ),
    ("last", r"\[-1\]", '[print("read last") or 0]'),
    ("last", r"\bmax\(", '(print("read last") or min)('),
    ("first", r"\bmin\(one", '(print("read first") or max)(one'),
    ("first", r"\bmin\(free,", '(print("read first") or max)(free,'),
    (
        "window",
        r"(?:at >= since|since <= at <= now|now <= time\(.*\) <= until)(?!\]\[-1\])",
        '(print("read all") is None)',
    ),
)
"""What a careless reader does: about what, and how the program changes.

One that takes other values from the same resources marks that it came to do so. The last value of
a window is the last of all wherever the window has one, so that such a window is not left out.
"""
TRACE = '(lambda made: print("read", __import__("zlib").crc32(repr(made).encode())) or made)'


def read(code: str) -> Iterator[Mutant]:
    """Mutants of what a program takes from the server; each changes every place of one kind."""
    for number, (about, pattern, put_) in enumerate(READS):
        changed, places = re.subn(pattern, put_, code, flags=re.MULTILINE)
        if places and changed != code:
            yield Mutant("read", number, 0, about, f"{about}: {pattern} -> {put_!r}", changed)


def traced(code: str) -> str:
    """A program that prints a mark of every list of resources, and of every value, that it reads.

    A mutant that reads the very same is none: the server has nothing that tells them apart.
    """
    code = re.sub(r"^    return found$", f"    return {TRACE}(found)", code, count=1, flags=re.M)
    return re.sub(
        r'^    return (value\["value"\] .*)$', rf"    return {TRACE}(\1)", code, flags=re.M
    )


def as_mutant(rewriting: Rewriting, number: int) -> Mutant:
    """A rewriting as the audit knows mutants; its code is what the server would hold."""
    text = json.dumps([one.after for one in rewriting.changes], sort_keys=True)
    return Mutant("written", number, 0, rewriting.about, rewriting.change, text)
