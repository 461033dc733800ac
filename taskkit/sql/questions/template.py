"""A question with open slots, and the SQL that answers it once they are filled."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from taskkit.spec.answer import AnswerSpec
from taskkit.spec.base import Many, Name, Spec
from taskkit.sql.questions.adaptation import Adaptation
from taskkit.sql.questions.window import WindowKind

SLOT = re.compile(r"\{([a-z][a-z0-9_]*)\}")
RESERVED = frozenset({"window", "now", "at"})
Slot = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]


def slots_of(text: str) -> frozenset[str]:
    """The names in braces in a text."""
    return frozenset(SLOT.findall(text))


class Wording(Spec):
    """A choice that reads one way in the question and another in the SQL."""

    words: str
    """What the question says."""
    sql: str
    """What stands in the SQL, as it is: quote a text yourself."""


Options = Annotated[Many[int | float | str | Wording], Field(min_length=1)]
"""The values of a slot that takes one of a few."""


class Window(Spec):
    """Limits the question to a span of time that holds the population's column `at`."""

    column: str = "charttime"
    """SQL expression of the time that must fall into the span."""
    kinds: Many[WindowKind] = Field(min_length=1)
    """The kinds of span to draw from."""


class Top(Spec):
    """Says that the SQL ranks rows and keeps the first; an instance with fewer is rejected."""

    limit: Slot
    """The slot that stands after `limit` in the SQL."""
    by: str | None = None
    """The column of the result that ranks: an instance with a tie at the limit is rejected.

    Left out where the question says how ties break and the SQL orders by it.
    """


class Template(Spec):
    """A kind of question.

    `{slot}` stands for a slot: in a phrasing for its words, in the SQL for its literal, quoted.
    Slots are the columns of the population (or of `fill`), the keys of `choices`, `{window}`, and
    `{now}`, the current time.
    """

    id: Name
    """Unique within the bank; part of the record id of every question made, so never renamed."""
    phrasings: Many[str] = Field(min_length=3)
    """Ways to ask; each names every slot that changes the answer."""
    population: Name | None = None
    """A population of the bank whose rows fill the slots together."""
    fill: str | None = None
    """SQL whose rows fill the slots together, where no population of the bank does."""
    choices: dict[Slot, Options] = Field(default_factory=dict)
    """Further slots with a fixed list of values; every combination is drawn from."""
    window: Window | None = None
    """Where given, the question and the SQL have a slot `{window}`."""
    sql: str
    """SQLite query that answers the question; its rows are the answer."""
    answer: AnswerSpec
    """The type of the answer. `decimals` is the rounding that the question must state."""
    top: Top | None = None
    """For SQL that ends in `limit`."""
    zero: bool = False
    """A lone 0 is a fair answer; otherwise it is rejected as degenerate."""
    max_rows: int = Field(default=20, ge=1, le=50)
    """Answers with more rows are rejected: nobody would ask for them."""

    @model_validator(mode="after")
    def _slots_are_given_once(self) -> Self:
        if (self.population is None) == (self.fill is None):
            raise ValueError("give either `population` or `fill`")
        if taken := RESERVED & set(self.choices):
            raise ValueError(f"choices: {', '.join(sorted(taken))} is a reserved name")
        if self.top is not None and self.top.limit not in self.choices:
            raise ValueError(f"top.limit: {self.top.limit!r} is none of the choices")
        wanted = self.window is not None
        for text in (*self.phrasings, self.sql):
            if ("window" in slots_of(text)) != wanted:
                raise ValueError(f"{text!r}: `{{window}}` and the field `window` go together")
        return self

    @property
    def telling(self) -> frozenset[str]:
        """The slots that every phrasing must name: those of the SQL that can take two values."""
        fixed = {name for name, values in self.choices.items() if len(values) == 1}
        return slots_of(self.sql) - fixed - {"now"}


class TemplateFile(Spec):
    """The templates of one category: a file of the folder templates/ of a domain."""

    schema_version: Literal["taskkit/templates/1"] = Field(alias="schema")
    """Version of this document's form."""
    category: Name
    """The category of every question made from them."""
    templates: Many[Template] = Field(min_length=1)
    """The templates."""


class Population(Spec):
    """A query whose rows fill slots together; several templates may share it."""

    about: str
    """What a row is."""
    sql: str
    """SQLite query; its columns are slots, and `at` is a time when there is something to ask."""


class BankFile(Spec):
    """What the templates of a domain share: the file bank.yaml of a domain."""

    schema_version: Literal["taskkit/bank/1"] = Field(alias="schema")
    """Version of this document's form."""
    now: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")]
    """The current time of the questions, `YYYY-MM-DD HH:MM:SS`."""
    extends: Adaptation | None = None
    """Another domain's bank, over this schema."""
    populations: dict[Name, Population] = Field(default_factory=dict)
    """Named queries that fill slots."""


DOCUMENTS: dict[str, type[Spec]] = {"bank": BankFile, "templates": TemplateFile}
"""The files of a bank by the name of their schema in schemas/."""
