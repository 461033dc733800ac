"""Sore throat: the two scores that decide on antibiotics."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Literal

from taskkit.calculation.calculators.calculator import checked
from taskkit.calculation.calculators.measures import Temperature
from taskkit.calculation.calculators.score import Score, band, score, tally
from taskkit.spec.quantity import AGE

ThroatAge = Annotated[float, AGE.within(low=3)]
ThroatSign = Literal["cough_absent", "tender_nodes", "tonsil_exudate"]
FeverPainSign = Literal[
    "fever_in_24_hours",
    "cough_and_coryza_absent",
    "onset_within_3_days",
    "purulent_tonsils",
    "severe_inflammation",
]


@checked
def centor(
    age: ThroatAge, temperature: Temperature, findings: Collection[ThroatSign] = ()
) -> Score:
    """Score the probability of streptococci in a sore throat, by Centor as modified by McIsaac.

    Args:
        age: Years, from 3: the source had no younger child; 1 below 15, -1 from 45.
        temperature: °C; 1 above 38.
        findings: 1 each: no cough, tender anterior cervical nodes, exudate or swelling of tonsils.

    Returns:
        -1 to 5; the source counts a total below 0 as 0.

    Raises:
        ValueError: An input no patient can have, or an unknown finding.
        OutOfScopeError: A child below 3 years.

    Source:
        McIsaac et al., CMAJ 158:75-83 (1998).
    """
    return score(
        {
            "age": band(age, {15: 0, 45: -1}, 1),
            "temperature": int(temperature > 38),
            **tally({"cough_absent": 1, "tender_nodes": 1, "tonsil_exudate": 1}, findings),
        }
    )


@checked
def fever_pain(findings: Collection[FeverPainSign] = ()) -> Score:
    """Score the probability of streptococci in a sore throat, 1 for each of five signs.

    Args:
        findings: The signs that are there.

    Returns:
        0 to 5.

    Raises:
        ValueError: An unknown finding.

    Source:
        Little et al., BMJ 347:f5806 (2013).
    """
    names = ("fever_in_24_hours", "cough_and_coryza_absent", "onset_within_3_days")
    return score(
        tally(dict.fromkeys((*names, "purulent_tonsils", "severe_inflammation"), 1), findings)
    )
