"""Which statements of a note a task asks about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from taskkit.ehr.chance import Chance
from taskkit.notes.note import Note, Told
from taskkit.notes.record import Kind

LEAST = 4  # statements that are worth a task
AGREEING = 0.03  # share of tasks in which nothing disagrees
KINDS: tuple[tuple[str, str, tuple[Kind, ...]], ...] = (
    ("labs", "on laboratory results", ("lab",)),
    ("vitals", "on vital signs", ("vital",)),
    ("drugs", "on drugs", ("drug",)),
    ("cultures", "on organisms", ("organism",)),
    ("fluids", "on intake and output", ("intake", "output")),
    ("codes", "on diagnoses and procedures", ("diagnosis", "procedure")),
)


@dataclass(frozen=True)
class Focus:
    """A part of a note."""

    category: str
    words: str
    """The statements, as the question names them."""
    told: tuple[Told, ...]

    @property
    def rows(self) -> list[JsonValue]:
        """The answer: statement, column, and what the record holds, as a number or a text."""
        found: list[JsonValue] = []
        for one in self.told:
            for finding in one.findings:
                held = finding.recorded
                text = held if isinstance(held, str) else None
                found.append([one.number, finding.column, None if text else held, text])
        return found or [[0, "none", None, None]]

    @property
    def recorded(self) -> bool:
        """Whether the record holds something else, which has to be found, for one at least."""
        return any(row[2:] != [None, None] for row in self.rows if isinstance(row, list))

    @property
    def agrees(self) -> bool:
        """Whether the record bears all of it out."""
        return not any(one.findings for one in self.told)


def focuses(note: Note, chance: Chance) -> Iterator[Focus]:
    """Give the parts of a note that tasks are about, no two with the same statements."""
    seen: set[frozenset[int]] = set()
    for one in _candidates(note, chance):
        numbers = frozenset(told.number for told in one.told)
        if len(one.told) < LEAST or numbers in seen:
            continue
        if one.agrees and chance.random() >= AGREEING * 2:
            continue
        if not (one.agrees or one.recorded or one.category == "codes"):
            continue
        seen.add(numbers)
        yield one


def _candidates(note: Note, chance: Chance) -> Iterator[Focus]:
    yield Focus("whole", f"all {len(note.told)} statements", note.told)
    for category, words, kinds in KINDS:
        told = tuple(one for one in note.told if one.statement.kind in kinds)
        yield Focus(category, f"the {len(told)} statements {words} ({listed(told)})", told)
    sections: defaultdict[str, list[Told]] = defaultdict(list)
    for one in note.told:
        sections[one.section].append(one)
    for title, members in sections.items():
        words = f'the {len(members)} statements of the section "{title.removeprefix("# ")}"'
        yield Focus("section", words, tuple(members))
    if len(note.told) >= 12:
        length = chance.whole(6, len(note.told) - 4)
        first = chance.whole(0, len(note.told) - length)
        told = note.told[first : first + length]
        yield Focus("span", f"statements {told[0].number} to {told[-1].number}", told)


def listed(told: Sequence[Told]) -> str:
    """Write the numbers of statements."""
    return ", ".join(str(one.number) for one in told)
