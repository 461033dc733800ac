"""Label definitions in YAML: what is predicted, for whom, when, and from what.

Times are hours. `labels.yaml` of a domain holds many; `vary` makes several of one.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from taskkit.oracles.metric import POSITIVE, MetricName, Target
from taskkit.spec.base import Many, Name, Spec


class Anchor(Spec):
    """The event that a prediction goes by, and when the prediction is made."""

    code: str
    which: Literal["first", "last"] = "first"
    """Of a patient's events with that code."""
    offset: float = 0.0
    """Hours from the event to the prediction."""
    day_end: bool = False
    """The prediction is made at 23:59 of that day."""


class Eligibility(Spec):
    """Who is predicted for."""

    absent: Many[str] = ()
    """No event with such a code before the prediction."""
    unfinished: Many[str] = ()
    """No event with such a code between the anchor and the prediction, and `margin` after it."""
    present: Many[str] = ()
    """An event with such a code before the prediction."""
    margin: float = Field(default=0.0, ge=0)
    adults: bool = False
    """18 years or older at the prediction."""


class Occurs(Spec):
    """Whether an event comes."""

    kind: Literal["occurs"]
    codes: Many[str] = Field(min_length=1)
    gap: float = Field(default=0.0, ge=0)
    """Hours after the prediction that do not count."""
    horizon: float | None = Field(default=None, gt=0)
    """Hours that count after the gap; without end where not given."""
    since: str | None = None
    """Counted from the first event with this code after the prediction, which there must be."""
    until: str | None = None
    """Nothing counts after the first event with this code."""


class Lasts(Spec):
    """Whether the time from the anchor to an event is long."""

    kind: Literal["lasts"]
    until: str
    least: float = Field(gt=0)
    """Hours; as long counts."""


class Level(Spec):
    """In which range the next value of a measurement lies."""

    kind: Literal["level"]
    codes: Many[str] = Field(min_length=1)
    horizon: float = Field(gt=0)
    cuts: Many[float] = Field(min_length=1)
    """Bounds from the first class to the last, ascending or descending."""
    names: Many[str]
    """One more than bounds; a value on a bound belongs to the class named first."""


class Status(Spec):
    """What becomes of a treatment in a window: onset, control, on or wean."""

    kind: Literal["status"]
    start: str
    end: str
    gap: float = Field(ge=0)
    width: float = Field(gt=0)


class Findings(Spec):
    """Which of several findings a report has."""

    kind: Literal["findings"]
    report: str
    codes: dict[str, str]
    """Name of a finding, and its code."""
    horizon: float = Field(gt=0)


class Survival(Spec):
    """How long until an event, or until nobody looked any more."""

    kind: Literal["survival"]
    codes: Many[str] = Field(min_length=1)
    censor: str
    """The event that ends the observation."""
    horizon: float = Field(gt=0)


Outcome = Annotated[
    Occurs | Lasts | Level | Status | Findings | Survival, Field(discriminator="kind")
]
STATUSES = ("onset", "control", "on", "wean")
SIZES = ("least", "horizon", "gap", "width")


class Definition(Spec):
    """A label definition."""

    name: Name
    question: str
    """What is predicted, with every convention; `{least}`, `{horizon}`, `{gap}`, `{width}`,
    `{offset}` and the same with `_days` stand for the definition's numbers."""
    anchor: Anchor
    eligibility: Eligibility = Eligibility()
    outcome: Outcome
    features: str
    """The feature set, by name."""
    metric: MetricName = "auroc"
    program: str
    """The reference program, a file of programs/."""
    answer: Literal["table", "file"] = "table"
    vary: dict[str, Many[float | str]] = Field(default_factory=dict)
    """More values of `least`, `horizon`, `gap`, `width`, `offset` or `metric`; each combination is
    a definition of its own."""

    @model_validator(mode="after")
    def _varies_what_is_there(self) -> Self:
        sizes = {name for name in SIZES if getattr(self.outcome, name, None) is not None}
        for name in self.vary:
            if name not in sizes | {"offset", "metric"}:
                raise ValueError(f"vary: {name!r}: need one of {sorted(sizes | {'offset'})}")
        return self

    @property
    def target(self) -> Target:
        """The kind of label."""
        if isinstance(self.outcome, Level | Status):
            return "classes"
        if isinstance(self.outcome, Findings | Survival):
            return self.outcome.kind
        return "binary"

    @property
    def outputs(self) -> tuple[str, ...]:
        """The columns of the answer after the key."""
        if self.decides:
            return ("label",)
        if isinstance(self.outcome, Level):
            return self.outcome.names
        if isinstance(self.outcome, Status):
            return STATUSES
        if isinstance(self.outcome, Findings):
            return tuple(self.outcome.codes)
        return ("risk",) if isinstance(self.outcome, Survival) else ("score",)

    @property
    def decides(self) -> bool:
        """Labels are predicted, not scores."""
        return self.metric in ("f1", "accuracy")

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of a decision."""
        if isinstance(self.outcome, Level):
            return self.outcome.names
        return STATUSES if isinstance(self.outcome, Status) else ("0", POSITIVE)

    @property
    def text(self) -> str:
        """The question with its numbers."""
        values: dict[str, object] = {"offset": f"{self.anchor.offset:g}"}
        for name in SIZES:
            size = getattr(self.outcome, name, None)
            if size is not None:
                values[name], values[f"{name}_days"] = f"{size:g}", f"{size / 24:g}"
        return self.question.format_map(values)

    def variants(self) -> Iterator[Definition]:
        """Itself, then one for each combination of the other values."""
        yield self
        if not self.vary:
            return
        for combination in itertools.product(*self.vary.values()):
            yield self._with(dict(zip(self.vary, combination, strict=True)))

    def _with(self, values: dict[str, float | str]) -> Definition:
        sizes = {name: value for name, value in values.items() if name in SIZES}
        changed: dict[str, object] = {"vary": {}, "outcome": self.outcome.model_copy(update=sizes)}
        if "offset" in values:
            changed["anchor"] = self.anchor.model_copy(update={"offset": values["offset"]})
        if "metric" in values:
            changed["metric"] = values["metric"]
        suffix = "-".join(
            f"{name[0]}{value:g}" if isinstance(value, float | int) else value
            for name, value in values.items()
        )
        return self.model_copy(update={"name": f"{self.name}-{suffix}", **changed})


class FeatureSet(Spec):
    """What the agent gets of the record before a prediction."""

    kind: Literal["summary", "hourly", "vector"]
    """`summary`: last and mean of every measurement, count of every other code; `hourly`: the mean
    of every measurement in every hour; `vector`: numbers that a publisher computed."""
    hours: float = Field(gt=0)
    """Before the prediction."""
    step: float = Field(default=1.0, gt=0)
    """Hours that a row of `hourly` stands for."""
    codes: Many[str] = ()
    """Beginnings of codes; all where there are none."""


class Definitions(Spec):
    """A domain's label definitions."""

    schema_version: Literal["taskkit/labels/1"] = Field(alias="schema")
    key: str
    """The column that names a patient."""
    patients: int | None = Field(default=None, ge=20, le=100_000)
    """Patients of the embedded hospital, where no source is given; none where cohort.yaml is the
    plan of a cohort."""
    features: dict[str, FeatureSet]
    definitions: Many[Definition] = Field(min_length=1)

    @model_validator(mode="after")
    def _features_known(self) -> Self:
        for name, what in self.features.items():
            if what.kind == "vector":
                raise ValueError(f"features {name!r}: kind vector: only published files have it")
        for one in self.definitions:
            if one.features not in self.features:
                raise ValueError(
                    f"{one.name}: features {one.features!r}: need one of {', '.join(self.features)}"
                )
        return self
