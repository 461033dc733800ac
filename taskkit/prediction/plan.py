"""The plan of a synthetic cohort: what is measured, diagnosed and given, and what follows.

Every patient has a few hidden factors (standard normal). All that happens to a patient depends on
them, so that the record before a prediction says something about what comes after it.
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from taskkit.spec.base import Many, Spec

Weights = dict[str, float]


class Measurement(Spec):
    """Something with a value: a laboratory test or a vital sign."""

    code: str
    """Its MEDS code."""
    name: str
    """Its name in feature columns."""
    unit: str
    """UCUM code."""
    mean: float
    """Of all patients."""
    sd: float = Field(gt=0)
    """Over all patients and times."""
    low: float = 0.0
    """No value is lower."""
    loads: Weights
    """How much of each factor one standard deviation holds."""
    clinic: float = Field(default=0.0, ge=0, le=1)
    """Share of clinic visits with it."""
    admission: float = Field(default=0.0, ge=0, le=1)
    """Share of hospital admissions with it, in the first hours."""


class Risk(Spec):
    """How likely something is: logistic in the factors and in age."""

    share: float = Field(gt=0, lt=1)
    """Of all patients."""
    weights: Weights
    """Of the factors; only their proportions count."""
    strength: float = Field(default=2.0, ge=0)
    """Log odds for one standard deviation of the weighted factors."""


class Condition(Spec):
    """A diagnosis or a drug; with `onset`, one that can come after the stay."""

    code: str
    name: str
    past: Risk
    """Before the stay."""
    onset: Risk | None = None
    """In the year after it."""


class Length(Spec):
    """How long something lasts: log-normal, longer with the factors."""

    days: float = Field(gt=0)
    """Median."""
    spread: float = Field(gt=0)
    """Standard deviation of the logarithm."""
    weights: Weights
    explained: float = Field(default=0.5, ge=0, lt=1)
    """Share of the variance that is the factors'."""


class NextValue(Spec):
    """A measurement taken once more in the two weeks after discharge."""

    code: str
    mean: float
    sd: float = Field(gt=0)
    low: float = 0.0
    weights: Weights
    explained: float = Field(default=0.5, ge=0, lt=1)


class Finding(Spec):
    """Something that a report may say."""

    code: str
    name: str
    risk: Risk


class CohortPlan(Spec):
    """What a synthetic cohort is drawn from."""

    schema_version: Literal["taskkit/cohort/1"] = Field(alias="schema")
    patients: int = Field(ge=20, le=1_000_000)
    """How many are drawn."""
    factors: Many[str] = Field(min_length=1)
    """Names of the hidden factors."""
    visits: float = Field(default=4.0, ge=0)
    """Clinic visits in the three years before, on average."""
    measurements: Many[Measurement]
    conditions: Many[Condition] = ()
    stay: Length
    """From admission to discharge, in hospital."""
    unit_stay: Length | None = None
    """In intensive care."""
    unit: Risk | None = None
    """Of being moved to intensive care."""
    death: Risk
    """In hospital."""
    readmission: Risk | None = None
    """Within 30 days."""
    next_values: Many[NextValue] = ()
    findings: Many[Finding] = ()

    @model_validator(mode="after")
    def _factors_known(self) -> Self:
        for part in self._weights():
            if unknown := sorted(set(part) - set(self.factors)):
                raise ValueError(f"factor {unknown[0]!r}: need one of {', '.join(self.factors)}")
        return self

    def _weights(self) -> list[Weights]:
        risks = [self.unit, self.death, self.readmission]
        risks += [one.past for one in self.conditions] + [one.onset for one in self.conditions]
        risks += [one.risk for one in self.findings]
        parts = [one.weights for one in risks if one is not None]
        parts += [one.loads for one in self.measurements]
        return parts + [one.weights for one in self.next_values] + [self.stay.weights]
