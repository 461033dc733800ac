"""What the embedded hospital is held to: bands around the open demos of MIMIC-III, MIMIC-IV, eICU.

Medians lie within the middle half of a demo's values; shares of treatment within ten points of
one of the demos; the rest as the demos have it, with room for samples of 300 patients.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from taskkit.ehr.realism.measures import Measure

INFINITE = float("inf")


@dataclass(frozen=True, slots=True)
class Band:
    """From `low` to `high`, both included."""

    low: float
    high: float

    def holds(self, value: float | None) -> bool:
        """Whether a value is known and within the band."""
        return value is not None and self.low <= value <= self.high


BANDS = {
    "age, median": Band(50, 75),
    "impossible for age or sex": Band(0, 0),
    "laboratory results, median": Band(150, 300),
    "results without a number": Band(0.05, 0.15),
    "hemoglobin, median": Band(8.7, 11),
    "creatinine, median": Band(0.6, 1.4),
    "glucose, median": Band(104, 157),
    "inr(pt), median": Band(1.1, 2.1),
    "hemoglobin, lag 1": Band(0.4, 0.9),
    "sodium, lag 1": Band(0.4, 0.9),
    "platelet count, lag 1": Band(0.4, 0.95),
    "hemoglobin ~ hematocrit": Band(0.85, 0.995),
    "sodium ~ chloride": Band(0.6, 0.95),
    "bicarbonate ~ anion gap": Band(-0.9, -0.4),
    "systolic ~ diastolic": Band(0.5, 0.85),
    "furosemide | heart failure, with": Band(0.61, 0.92),
    "furosemide | heart failure, without": Band(0.19, 0.46),
    "warfarin | atrial fibrillation, with": Band(0.27, 0.62),
    "warfarin | atrial fibrillation, without": Band(0, 0.2),
    "levothyroxine | hypothyroidism, with": Band(0.79, 1),
    "levothyroxine | hypothyroidism, without": Band(0, 0.17),
    "insulin | diabetes, with": Band(0.78, 1),
    "insulin | diabetes, without": Band(0.16, 0.72),
    "doses outside their route's range": Band(0, 0),
    "in hospital": Band(0.05, 0.12),
    "times as often with": Band(3, INFINITE),
}
"""By the name of the measure."""
EICU_BANDS = BANDS | {
    "laboratory results, median": Band(110, 300),  # fewer tests have a name in eICU: demo 148
    "results without a number": Band(0, 0.05),  # its tables have no row for one: demo .01
}
"""The bands of sources in the schema of eICU."""


def within(measure: Measure, bands: Mapping[str, Band] = BANDS) -> bool | None:
    """Whether a measure is within its band; none where it has none."""
    band = bands.get(measure.name)
    return None if band is None else band.holds(measure.value)


def rising(shares: tuple[float, ...]) -> bool:
    """Whether death rises with age: the old die more often than the young."""
    half = len(shares) // 2
    return sum(shares[half:]) > 1.5 * sum(shares[:half])
