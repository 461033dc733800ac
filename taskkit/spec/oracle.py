"""What judges an answer; the agent never sees it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue

from taskkit.spec.base import Spec


class Tolerance(Spec):
    """How far a number may be from the expected one; either bound suffices."""

    absolute: float = Field(default=0.0, ge=0)
    """Largest accepted absolute difference, in the unit of the answer."""
    relative: float = Field(default=1e-6, ge=0, lt=1)
    """Largest accepted difference as a share of the expected value; the default is float noise."""


class ExactOracle(Spec):
    """Accept the expected value, compared by the type of the answer."""

    kind: Literal["exact"]
    expected: JsonValue
    """The answer as canonical JSON: a scalar, a list, or a list of rows."""
    tolerance: Tolerance = Tolerance()
    """For numbers, wherever they stand in the answer."""


class AbstainOracle(Spec):
    """Accept `{"abstain": true}` and nothing else: the data cannot answer the question."""

    kind: Literal["abstain"]
