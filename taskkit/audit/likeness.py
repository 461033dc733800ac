"""What two instances must share to ask the same: keys and signatures made of each alone."""

from __future__ import annotations

import hashlib
import json
import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Sequence
from zlib import crc32

from taskkit.oracles.judge import abstaining, key
from taskkit.spec.fit import MisfitError, normal
from taskkit.spec.task import TaskSpec

SHINGLE = 3  # words
NAMING = 5  # characters of a value that names a patient, a time or a thing; a year has four
VALUES = re.compile(r"\d[\d.:-]*\d|\d|\"[^\"]+\"")


def digest(text: str) -> str:
    """Give a short digest of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def question(spec: TaskSpec) -> str:
    """Give what is asked, without the form of the answer, lower case, single blanks."""
    asked = [turn.instruction.split("\n\n")[0] for turn in spec.dialogue]
    return " ".join(" ".join(asked).lower().split())


def values(spec: TaskSpec) -> str:
    """Give a digest of the numbers, dates and quoted texts of the question, in any order."""
    return digest(json.dumps(sorted(VALUES.findall(question(spec)))))


def template(spec: TaskSpec, forms: Sequence[str]) -> str:
    """Give a digest that instances of one template share: their references without the values.

    Where nobody knows those, the first word of the source's record stands for them.
    """
    return digest("; ".join(forms) if forms else spec.provenance.record.split()[0])


def literals(spec: TaskSpec) -> list[str]:
    """Give the values of the question that are long enough to name something."""
    found = {value.strip('"') for value in VALUES.findall(question(spec))}
    return sorted(value for value in found if len(value) >= NAMING)


def answer(spec: TaskSpec) -> str:
    """Give a digest that equal expected answers share."""
    values: list[object] = []
    for turn in spec.dialogue:
        value = key(turn)
        try:
            values.append(value if abstaining(turn) else normal(turn.answer, value))
        except MisfitError:
            values.append(value)
    return digest(json.dumps(values, sort_keys=True))


def signature(spec: TaskSpec) -> bytes:
    """Give the question's words, three at a time, as sorted numbers of four bytes."""
    words = re.findall(r"\w+", question(spec))
    spans = range(max(1, len(words) - SHINGLE + 1))
    found = {crc32(" ".join(words[at : at + SHINGLE]).encode()) for at in spans}
    return array("I", sorted(found)).tobytes()


def alike(one: bytes, other: bytes) -> float:
    """Give the share of two signatures that they have in common (Jaccard)."""
    first, second = set(array("I", one)), set(array("I", other))
    return len(first & second) / len(first | second)


class Likes:
    """Signatures kept so far, found again by the numbers that they share."""

    def __init__(self) -> None:
        """Keep none yet."""
        self._kept: list[tuple[str, int]] = []
        self._places: defaultdict[int, list[int]] = defaultdict(list)

    def nearest(self, signature: bytes) -> tuple[str, float] | None:
        """Give the name of the kept one most like this one, and the share they have in common.

        That is the share of `alike`; None where no kept one has anything in common.
        """
        numbers = set(array("I", signature))
        shared = Counter(at for number in numbers for at in self._places.get(number, ()))
        if not shared:
            return None
        shares = (
            (common / (len(numbers) + self._kept[at][1] - common), -at)
            for at, common in shared.items()
        )
        share, at = max(shares)
        return self._kept[-at][0], share

    def keep(self, name: str, signature: bytes) -> None:
        """Add one."""
        numbers = set(array("I", signature))
        for number in numbers:
            self._places[number].append(len(self._kept))
        self._kept.append((name, len(numbers)))
