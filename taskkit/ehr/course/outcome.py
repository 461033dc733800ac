"""How a stay ends, and how long it lasts.

The logit of death is linear in severity, age and what patients have, as in the scores that
intensive care uses (SAPS II: Le Gall et al., JAMA 270:2957-2963, 1993); length of stay is
log-normal around the presentation's median.
"""

from __future__ import annotations

from taskkit.ehr.chance import Chance
from taskkit.ehr.course.diagnosis import Case

BASE, BY_SEVERITY, BY_DECADE = -7.55, 5.4, 0.45
BY_TRAIT = {
    "arrest": 2.7,
    "septic-shock": 1.6,
    "cardiogenic-shock": 1.5,
    "severe-sepsis": 0.3,
    "respiratory-failure": 0.5,
    "bleeding-brain": 0.4,
    "brain-edema": 0.7,
    "liver-failure": 1.0,
    "ischemic-bowel": 0.7,
    "metastases": 0.7,
    "blood-cancer": 0.3,
    "cirrhosis": 0.4,
    "kidney-injury": 0.3,
    "acidosis": 0.4,
    "no-resuscitation": 1.0,
    "palliative": 1.6,
    "hepatorenal": 0.7,
    "heart-failure": 0.15,
    "trauma": -0.2,
}
BY_STAY = {
    "respiratory-failure": 0.28,
    "septic-shock": 0.14,
    "kidney-injury": 0.1,
    "infection": 0.06,
    "ards": 0.25,
    "ileus": 0.15,
    "wound-infection": 0.2,
    "ventilator-pneumonia": 0.3,
    "malnutrition": 0.1,
    "heart-failure": 0.05,
    "elderly": 0.04,
    "delirium": 0.08,
    "hydrocephalus": 0.2,
}
LONGEST = 30.0  # days
SHORTEST = 1.05


def decide(chance: Chance, case: Case, *, survives: bool) -> None:
    """Draw whether a patient dies in hospital, and how many days the stay lasts."""
    logit = (
        BASE
        + BY_SEVERITY * case.severity
        + BY_DECADE * (case.age - 65) / 10
        + case.presentation.risk
        + sum(effect for trait, effect in BY_TRAIT.items() if trait in case.traits)
    )
    case.died = chance.random() < logistic(logit) and not survives
    longer = sum(effect for trait, effect in BY_STAY.items() if trait in case.traits)
    swing = longer + 1.25 * (case.severity - case.presentation.severity) + 0.21 * chance.normal()
    days = case.presentation.days * exponential(swing - 0.1)
    if case.died:
        days *= chance.between(0.2, 1.2)
    case.days = min(max(days, SHORTEST), LONGEST)


def exponential(x: float) -> float:
    """About e to the power of ``x``, by multiplication alone: the same on every platform."""
    base = 1 + x / 256
    if base <= 0:
        return 0.0
    for _ in range(8):
        base *= base
    return base


def logistic(x: float) -> float:
    """The probability of a logit."""
    return 1 / (1 + exponential(-x))
