"""Questions that build on one another: one nested query, asked about from the inside out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Self

from pydantic import Field, ValidationError, model_validator

from taskkit.errors import SpecError
from taskkit.spec.answer import AnswerSpec
from taskkit.spec.base import Many, Name, Spec
from taskkit.sql.questions.decompose import CutError, cuts, text
from taskkit.sql.questions.template import Options, Slot, Template, Window, slots_of


class TurnTemplate(Spec):
    """One question of a dialogue, about one part of its query."""

    cut: int | None = Field(default=None, ge=1)
    """Which part of the query, from 1 for the innermost; the turn's own number where not given."""
    give: str | None = None
    """What to select from that part, where not what the query itself selects there."""
    phrasings: Many[str] = Field(min_length=3)
    """Ways to ask; the n-th of every turn belong together, and may refer to earlier ones."""
    answer: AnswerSpec
    """The type of the answer, as in a template."""
    zero: bool = False
    """A lone 0 is a fair answer; otherwise the dialogue is rejected as degenerate."""
    max_rows: int = Field(default=20, ge=1, le=50)
    """Dialogues with more rows in this turn are rejected."""


class Dialogue(Spec):
    """A kind of dialogue; its slots are those of a template."""

    id: Name
    """Unique within the bank; part of the record id of every dialogue made, so never renamed."""
    population: Name | None = None
    """A population of the bank whose rows fill the slots together."""
    fill: str | None = None
    """SQL whose rows fill the slots together, where no population of the bank does."""
    choices: dict[Slot, Options] = Field(default_factory=dict)
    """Further slots with a fixed list of values; every combination is drawn from."""
    window: Window | None = None
    """Where given, the first turn and its part of the query have a slot `{window}`."""
    sql: str
    """The nested SQLite query; every column in a subquery says its table."""
    turns: Many[TurnTemplate] = Field(min_length=2, max_length=5)
    """The questions in order."""

    @model_validator(mode="after")
    def _phrasings_match(self) -> Self:
        if len({len(turn.phrasings) for turn in self.turns}) > 1:
            raise ValueError("turns: each needs as many phrasings as the others")
        return self


class DialogueFile(Spec):
    """The dialogues of one category: a file of the folder dialogues/ of a domain."""

    schema_version: Literal["taskkit/dialogues/1"] = Field(alias="schema")
    """Version of this document's form."""
    category: Name
    """The category of every dialogue made from them."""
    dialogues: Many[Dialogue] = Field(min_length=1)
    """The dialogues."""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A turn after the first, with its query."""

    phrasings: tuple[str, ...]
    sql: str
    answer: AnswerSpec
    zero: bool
    max_rows: int


DOCUMENTS: dict[str, type[Spec]] = {"dialogues": DialogueFile}
"""The files of dialogues by the name of their schema in schemas/."""


def compiled(dialogue: Dialogue, where: str) -> tuple[Template, tuple[FollowUp, ...]]:
    """Give the template of the first turn, and the turns that follow it.

    Raises:
        SpecError: the query cannot be cut as the turns ask, or a phrasing leaves out a slot.
    """
    queries = []
    try:
        parts = cuts(dialogue.sql)
        for number, turn in enumerate(dialogue.turns, 1):
            cut = turn.cut or number
            if cut > len(parts):
                raise CutError(f"turn {number}: cut {cut}: the query has {len(parts)} parts")
            queries.append(text(parts[cut - 1], turn.give))
    except CutError as error:
        raise SpecError(f"{where}: sql: {error}") from error
    _check_slots(dialogue, queries, where)
    first, *others = dialogue.turns
    try:
        template = Template(
            id=dialogue.id,
            phrasings=first.phrasings,
            population=dialogue.population,
            fill=dialogue.fill,
            choices=dialogue.choices,
            window=dialogue.window,
            sql=queries[0],
            answer=first.answer,
            zero=first.zero,
            max_rows=first.max_rows,
        )
    except ValidationError as error:
        raise SpecError(f"{where}: {error.errors()[0]['msg']}") from error
    return template, tuple(
        FollowUp(turn.phrasings, sql, turn.answer, turn.zero, turn.max_rows)
        for turn, sql in zip(others, queries[1:], strict=True)
    )


def _check_slots(dialogue: Dialogue, queries: list[str], where: str) -> None:
    """Hold that every turn's words, with those before, name what its query depends on."""
    fixed = {name for name, values in dialogue.choices.items() if len(values) == 1} | {"now"}
    for way in range(len(dialogue.turns[0].phrasings)):
        said: frozenset[str] = frozenset()
        for number, (turn, sql) in enumerate(zip(dialogue.turns, queries, strict=True), 1):
            said |= slots_of(turn.phrasings[way])
            if missing := slots_of(sql) - said - fixed:
                place = f"{where}: turn {number}, phrasing {way + 1}"
                raise SpecError(f"{place}: {{{min(missing)}}} is missing: need it")
