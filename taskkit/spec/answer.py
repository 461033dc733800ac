"""The type of answer that a task asks for."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from taskkit.spec.base import Many, Spec


class IntegerAnswer(Spec):
    """A whole number."""

    kind: Literal["integer"]


class NumberAnswer(Spec):
    """A number, with its unit where it has one."""

    kind: Literal["number"]
    unit: str | None = None
    """UCUM code of the unit that the task asks for, such as `mL/min`."""
    decimals: int | None = Field(default=None, ge=0, le=12)
    """Decimals asked for; the tolerance of the oracle says what is accepted."""
    units: Many[str] = ()
    """Other UCUM units of the same dimension that are accepted, as `{"value": 0.9, "unit": "g/L"}`;
    the oracle is `numeric` then."""


class StringAnswer(Spec):
    """A text."""

    kind: Literal["string"]


class BooleanAnswer(Spec):
    """True or false."""

    kind: Literal["boolean"]


class DateAnswer(Spec):
    """A date, or a date with time, as `YYYY-MM-DD` or `YYYY-MM-DD HH:MM:SS`."""

    kind: Literal["date"]
    precision: Literal["day", "minute", "second"] = "second"
    """How much of it counts."""
    also: Many[Literal["MM/DD/YYYY"]] = ()
    """Other ways to write a day that are accepted; the oracle is `date` then."""


ScalarAnswer = Annotated[
    IntegerAnswer | NumberAnswer | StringAnswer | BooleanAnswer | DateAnswer,
    Field(discriminator="kind"),
]


class CollectionAnswer(Spec):
    """Several values of one type."""

    kind: Literal["list", "set", "multiset"]
    """`list`: order counts; `multiset`: repeats count; `set`: neither does."""
    item: ScalarAnswer
    """The type of each value."""
    nullable: bool = False
    """A value may be missing (null)."""


class Column(Spec):
    """One column of a table answer."""

    name: str
    """What the column holds, in the words of the question."""
    type: ScalarAnswer
    """The type of its values."""
    nullable: bool = False
    """A value may be missing (null)."""


class TableAnswer(Spec):
    """Rows of several values, each row a list in column order."""

    kind: Literal["table"]
    columns: Many[Column] | None = None
    """The columns in order; where not given, any number of columns of any type."""
    ordered: bool = False
    """The order of the rows counts."""
    distinct: bool = False
    """Repeats of a row do not count; the order does not either then."""

    @model_validator(mode="after")
    def _order_of_distinct_rows(self) -> Self:
        if self.ordered and self.distinct:
            raise ValueError("ordered and distinct: rows that may repeat have no order: need one")
        return self


class Member(Spec):
    """One named value of an object."""

    name: str = Field(min_length=1, max_length=80)
    """The key, as the task writes it."""
    type: Annotated[
        IntegerAnswer
        | NumberAnswer
        | StringAnswer
        | BooleanAnswer
        | DateAnswer
        | CollectionAnswer
        | TableAnswer,
        Field(discriminator="kind"),
    ]
    """The type of its value."""
    nullable: bool = False
    """The value may be missing (null)."""


class ObjectAnswer(Spec):
    """Several named values: a JSON object with exactly these keys."""

    kind: Literal["object"]
    members: Many[Member] = Field(min_length=1)
    """The values, in the order in which the task asks for them."""


class CodeAnswer(Spec):
    """The source text of a function or program, as one JSON text."""

    kind: Literal["code"]
    language: Literal["python"] = "python"
    """What it is written in."""
    function: str | None = Field(default=None, pattern=r"^[A-Za-z_]\w*$")
    """The function that it must define; a whole program where not given."""


class FileAnswer(Spec):
    """A file left in the workspace; its bytes are the answer document."""

    kind: Literal["file"]
    path: str = Field(pattern=r"^[\w-][\w.-]{0,79}$")
    """Name below /workspace."""


class NoAnswer(Spec):
    """Nothing to say: what the agent did is judged."""

    kind: Literal["none"]


AnswerSpec = Annotated[
    IntegerAnswer
    | NumberAnswer
    | StringAnswer
    | BooleanAnswer
    | DateAnswer
    | CollectionAnswer
    | TableAnswer
    | ObjectAnswer
    | CodeAnswer
    | FileAnswer
    | NoAnswer,
    Field(discriminator="kind"),
]
"""The type of answer that a task asks for."""


def counts_repeats(answer: AnswerSpec) -> bool:
    """Say whether a value or row that comes again makes another answer."""
    if isinstance(answer, TableAnswer):
        return not answer.distinct
    return answer.kind != "set"
