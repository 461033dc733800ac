"""What judges an answer; the agent never sees it."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, JsonValue, model_validator

from taskkit.spec.base import Spec


class Oracle(Spec):
    """What every kind of oracle's spec derives from; a judge is registered for each kind."""

    kind: str
    """The kind, which names the judge."""


class Tolerance(Spec):
    """How far a number may be from the expected one; either bound suffices."""

    absolute: float = Field(default=0.0, ge=0)
    """Largest accepted absolute difference, in the unit of the answer."""
    relative: float = Field(default=1e-6, ge=0, lt=1)
    """Largest accepted difference as a share of the expected value; the default is float noise."""


class ExactOracle(Oracle):
    """Accept the expected value, compared by the type of the answer."""

    kind: Literal["exact"]
    expected: JsonValue
    """The answer as canonical JSON: a scalar, a list, or a list of rows."""
    tolerance: Tolerance = Tolerance()
    """For numbers, wherever they stand in the answer."""


class Interval(Spec):
    """All numbers from one to another, bounds included."""

    low: float
    """The smallest."""
    high: float
    """The largest."""

    @model_validator(mode="after")
    def _ascends(self) -> Self:
        if self.low > self.high:
            raise ValueError(f"low {self.low:g} is above high {self.high:g}: need low <= high")
        return self


class NumericOracle(Oracle):
    """Accept a number near the expected one, in its unit or in another one that the task allows."""

    kind: Literal["numeric"]
    expected: float
    """The reference value, in `unit`; not rounded."""
    unit: str | None = None
    """UCUM code, the same as the answer's; another unit is converted to it before comparing."""
    decimals: int | None = Field(default=None, ge=0, le=12)
    """Decimals that the task asks for: half a unit of the last one is accepted beside the
    tolerance, so that either rounding of a tie is right."""
    tolerance: Tolerance = Tolerance()
    """How far the number may be from the expected one."""
    interval: Interval | None = None
    """What is accepted as well: the limits that a source states for its own record."""


class DateOracle(Oracle):
    """Accept the expected date, in any of the forms that the task allows."""

    kind: Literal["date"]
    expected: str
    """As `YYYY-MM-DD` or `YYYY-MM-DD HH:MM:SS`, to the precision of the answer."""


class AbstainOracle(Oracle):
    """Accept `{"abstain": true}` and nothing else: the data cannot answer the question."""

    kind: Literal["abstain"]


ValueOracle = ExactOracle | NumericOracle | DateOracle
"""Those that compare one value with an expected one, which the builders of values make."""
