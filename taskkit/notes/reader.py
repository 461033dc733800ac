"""What a note says, read from its text alone: entity, values and time of every statement.

It is the second opinion on a note's statements: it shares the lexicon with the writer, and no code.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from taskkit.notes.lexicon import UNITS, Lexicon
from taskkit.notes.record import Kind
from taskkit.notes.times import Clock, Span

MARK = re.compile(r"\[(\d+)\]")
HEADER = re.compile(r"^Admission number: (\d+)$", re.MULTILINE)
WRITTEN_ON = re.compile(r"^Date of note: (\d{4}-\d\d-\d\d)$", re.MULTILINE)
SENTENCE = re.compile(r"(?<=\.)\s+|\n")
NUMBER = re.compile(r"(?<![\w./-])-?\d+(?:\.\d+)?(?![\d/])")
RISING = re.compile(r"\b(rose|increased|climbed|uptrended|trended up|went up|crept up)\b", re.I)
FALLING = re.compile(
    r"\b(fell|decreased|dropped|downtrended|trended down|went down|drifted down)\b", re.I
)
LISTS = (
    (re.compile(r"diagnoses", re.I), "diagnosis"),
    (re.compile(r"procedure", re.I), "procedure"),
)
CHARTED: tuple[Kind, ...] = ("lab", "vital", "drug", "organism", "intake", "output")
KIND_GROUPS: tuple[tuple[Kind, ...], ...] = (CHARTED, ("diagnosis",), ("procedure",))
TIMED = {"drug": "startdate"}
MEASURED = {
    "lab": "valuenum",
    "vital": "valuenum",
    "drug": "dose_val_rx",
    "intake": "amount",
    "output": "value",
}
UNIT_OF = {"lab": "valueuom", "vital": "valueuom", "drug": "dose_unit_rx"}


@dataclass
class Claim:
    """One statement as it was read."""

    number: int
    kind: str
    items: tuple[str, ...]
    """What it may be about; several where the words do not tell."""
    cells: dict[str, str] = field(default_factory=dict)
    spans: dict[str, Span] = field(default_factory=dict)
    trend: str | None = None
    trend_spans: tuple[Span, Span] | None = None


SHORT = 3  # letters of a name whose capitals count: `Mg` is no milligram


class Names:
    """The words for things, found in a text by the longest first."""

    def __init__(self, words: Mapping[str, set[tuple[str, str]]]) -> None:
        """Keep words, each with the kind and item that it may stand for."""
        self._words = {word.lower(): set[tuple[str, str]]() for word in words}
        for word, meant in words.items():
            self._words[word.lower()] |= meant
        self._spelled = frozenset(words)
        every = sorted(words, key=lambda one: (-len(one), one))
        self._pattern = re.compile(
            r"(?<![\w%])(?:" + "|".join(map(re.escape, every)) + r")(?!\w)", re.IGNORECASE
        )

    def find(self, text: str) -> list[tuple[int, int, set[tuple[str, str]]]]:
        """Give what is named, with where it stands."""
        return [
            (match.start(), match.end(), self._words[match[0].lower()])
            for match in self._pattern.finditer(text)
            if len(match[0]) > SHORT or match[0] in self._spelled
        ]


@dataclass
class Reader:
    """Reads notes; `others` are items of the database that the lexicon does not list."""

    lexicon: Lexicon
    others: Mapping[str, Iterable[str]]

    @cached_property
    def _names(self) -> dict[str, Names]:
        found: dict[str, Names] = {}
        for group in KIND_GROUPS:
            words: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
            for (kind, item), term in self.lexicon.terms.items():
                if kind in group:
                    for word in (*term.prose, *term.short):
                        words[word].add((kind, item))
            for kind in group:
                for item in self.others.get(kind, ()):
                    if (kind, item) not in self.lexicon.terms and self.lexicon.term(kind, item):
                        words[item].add((kind, item))
            found[group[0]] = Names(words)
        return found

    @cached_property
    def _specimens(self) -> Names:
        words: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
        for item, spoken in self.lexicon.specimens.items():
            for word in spoken:
                words[word].add(("specimen", item))
        return Names(words)

    def read(self, text: str, clock: Clock) -> Iterator[Claim]:
        """Give the statements of a note in the order of reading."""
        for section in text.split("\n\n")[1:]:
            title, _, body = section.partition(":\n")
            group = next((kind for what, kind in LISTS if what.search(title)), CHARTED[0])
            clock.forget()
            for sentence in SENTENCE.split(body):
                if MARK.search(sentence):
                    yield from self._sentence(sentence, group, clock)

    def _sentence(self, sentence: str, group: str, clock: Clock) -> Iterator[Claim]:
        head: list[Span] | None = None
        at = 0
        for mark in MARK.finditer(sentence):
            segment = sentence[at : mark.start()]
            at = mark.end()
            spans, rest = clock.take(segment) if group == CHARTED[0] else ([], segment)
            if head is None:
                head = spans
            yield self._claim(int(mark[1]), rest, group, spans or head)

    def _claim(self, number: int, text: str, group: str, spans: list[Span]) -> Claim:
        rest = text
        specimen = None
        found = self._names[group].find(text)
        if any(kind == "organism" for *_, words in found for kind, _ in words):
            found = [one for one in found if any(kind == "organism" for kind, _ in one[2])]
            named = self._specimens.find(text)
            specimen = max(named, key=lambda one: one[1] - one[0], default=None)
        if not found:
            return Claim(number, "unknown", ())
        start, end, words = max(found, key=lambda one: (one[1] - one[0], one[0]))
        kinds = sorted({kind for kind, _ in words})
        kind = kinds[0] if len(kinds) == 1 else "unknown"
        claim = Claim(number, kind, tuple(sorted(item for _, item in words)))
        rest = text[:start] + "~" * (end - start) + text[end:]
        if specimen is not None:
            claim.cells["spec_type_desc"] = "|".join(sorted(item for _, item in specimen[2]))
        moved = RISING.search(rest) or FALLING.search(rest)
        if moved and len(spans) == 2:
            claim.trend = "rise" if RISING.search(rest) else "fall"
            claim.trend_spans = spans[0], spans[1]
            return claim
        self._measured(claim, rest)
        if spans and kind not in ("diagnosis", "procedure"):
            claim.spans[TIMED.get(kind, "charttime")] = spans[0]
            if len(spans) == 2 and kind == "drug":
                claim.spans["enddate"] = spans[1]
        return claim

    def _measured(self, claim: Claim, rest: str) -> None:
        """Read the number of a statement, and the unit that follows it."""
        match = NUMBER.search(rest)
        column = MEASURED.get(claim.kind)
        if match is None or column is None:
            return
        claim.cells[column] = match[0]
        unit = _UNIT.match(rest, match.end())
        if unit is not None and claim.kind in UNIT_OF:
            claim.cells[UNIT_OF[claim.kind]] = unit[1].lower()


def written(unit: str) -> set[str]:
    """The ways in which a unit of the record is written in notes, in lower case."""
    return {unit.lower(), *(one.lower() for one in UNITS.get(unit.lower(), ()))}


_FORMS = sorted({one for unit in UNITS for one in written(unit)}, key=lambda one: (-len(one), one))
_RATE = r"[a-z]+/[a-z]+(?:/[a-z]+)?"  # a unit that is not listed, such as of a drip
_UNIT = re.compile(rf"\s?({'|'.join(map(re.escape, _FORMS))}|#/hpf|{_RATE})(?![\w/])", re.I)
