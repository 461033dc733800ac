"""What stands in a note, section by section, before it is put into words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from taskkit.notes.statement import Statement

Form = Literal["discharge", "physician", "nursing"]
Shape = Literal["prose", "lines", "list"]


@dataclass
class Block:
    """A sentence or line: a rule of the phrase bank, and the statements that it makes."""

    rule: str
    statements: list[Statement] = field(default_factory=list)
    slots: dict[str, str] = field(default_factory=dict)


@dataclass
class Section:
    """A part of a note under a title."""

    title: str
    blocks: list[Block] = field(default_factory=list)
    shape: Shape = "prose"

    def add(self, rule: str, *statements: Statement | None, **slots: str) -> None:
        """Add a sentence; one that was to make a statement and has none is left out."""
        if statements and not all(statements):
            return
        self.blocks.append(Block(rule, [one for one in statements if one], slots))


@dataclass
class Outline:
    """A note before it is put into words."""

    form: Form
    title: str
    header: list[str]
    sections: list[Section]

    def statements(self) -> Iterator[tuple[Section, Statement]]:
        """Every statement with its section, in the order of reading."""
        for section in self.sections:
            for block in section.blocks:
                for one in block.statements:
                    yield section, one


def told(sections: Sequence[Section]) -> list[Section]:
    """The sections that have anything in them."""
    return [one for one in sections if one.blocks]
