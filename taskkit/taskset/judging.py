"""Whether an oracle can judge the answer that its task asks for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from taskkit.spec.answer import (
    AnswerSpec,
    CollectionAnswer,
    DateAnswer,
    NumberAnswer,
    ScalarAnswer,
    TableAnswer,
)
from taskkit.spec.fit import fits
from taskkit.spec.oracle import DateOracle, NumericOracle
from taskkit.spec.page import Location
from taskkit.spec.task import OracleSpec


@dataclass(frozen=True, slots=True)
class Misjudgement:
    """Why an oracle cannot judge an answer."""

    place: Location
    """Below the task or turn."""
    message: str
    remedy: str


def misjudgements(
    answer: AnswerSpec, oracle: OracleSpec, *, abstention: bool
) -> Iterator[Misjudgement]:
    """Give what does not go together in an answer and its oracle."""
    if oracle.kind == "abstain":
        if not abstention:
            message = "abstain, but the agent may not abstain"
            yield Misjudgement(("oracle", "kind"), message, "need abstention: true")
        return
    why = fits(answer, oracle.expected)
    if why is not None:
        remedy = f"need a value of the answer's type, {answer.kind}"
        yield Misjudgement(("oracle", "expected"), why, remedy)
    yield from _of_kind(answer, oracle)
    yield from _units(answer, numeric=isinstance(oracle, NumericOracle))
    for item in _items(answer):
        if isinstance(item, DateAnswer) and item.also:
            yield from _forms(item, alone=item is answer and isinstance(oracle, DateOracle))


def _of_kind(answer: AnswerSpec, oracle: OracleSpec) -> Iterator[Misjudgement]:
    """Check that `numeric` judges a number as it is asked for, and `date` a date."""
    at: Location = ("oracle", "kind")
    if isinstance(oracle, DateOracle) and not isinstance(answer, DateAnswer):
        yield Misjudgement(
            at, f"date, but the answer is a {answer.kind}", "need a date, or `exact`"
        )
    if not isinstance(oracle, NumericOracle):
        return
    if not isinstance(answer, NumberAnswer):
        message = f"numeric, but the answer is a {answer.kind}"
        yield Misjudgement(at, message, "need a number, or `exact`")
        return
    for name in ("unit", "decimals"):
        said, asked = getattr(oracle, name), getattr(answer, name)
        if said != asked:
            yield Misjudgement(("oracle", name), repr(said), f"need the answer's, {asked!r}")


def _units(answer: AnswerSpec, *, numeric: bool) -> Iterator[Misjudgement]:
    """Check that other units are of the unit's dimension, and that an oracle minds them."""
    if not any(isinstance(item, NumberAnswer) and item.units for item in _items(answer)):
        return
    from taskkit.spec.units import UnitError, rescale  # pint takes a second to load

    for item in _items(answer):
        if not isinstance(item, NumberAnswer) or not item.units:
            continue
        if item is not answer or not numeric:
            message = "other units, which only the oracle `numeric` of a single number minds"
            yield Misjudgement(("answer",), message, "take them out, or name that oracle")
            continue
        for number, unit in enumerate(item.units):
            at: Location = ("answer", "units", number)
            try:
                same = rescale(1.0, unit, item.unit or "1") == 1.0
            except UnitError as error:
                yield Misjudgement(at, str(error), f"need a unit of the dimension of {item.unit}")
            else:
                if same:
                    yield Misjudgement(at, f"{unit!r} is {item.unit}", "need another unit")


def _forms(answer: DateAnswer, *, alone: bool) -> Iterator[Misjudgement]:
    """Check that other forms of a date are of a day, and that an oracle minds them."""
    if not alone:
        message = "other forms, which only the oracle `date` of a single date minds"
        yield Misjudgement(("answer",), message, "take them out, or name that oracle")
    elif answer.precision != "day":
        message = f"a day's form, but the precision is {answer.precision}"
        yield Misjudgement(("answer", "also"), message, "need precision: day")


def _items(answer: AnswerSpec) -> Iterator[AnswerSpec | ScalarAnswer]:
    """Give the scalar types in an answer."""
    if isinstance(answer, CollectionAnswer):
        yield answer.item
    elif isinstance(answer, TableAnswer):
        yield from (column.type for column in answer.columns or ())
    else:
        yield answer
