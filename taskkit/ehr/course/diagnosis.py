"""What patients have: conditions for life, why they come, and what comes of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from taskkit.ehr.chance import Chance, Weighted
from taskkit.ehr.course.catalogue import Catalogue, Condition, Presentation
from taskkit.ehr.course.patient import ELDERLY, Chronic, Patient
from taskkit.ehr.course.rule import probability, ramp

FREQUENT = 1.3  # patients of a hospital have more than the population of the tables' sources
CODED = 0.92  # share of chronic conditions that a stay's codes name
PRESENT = 0.6  # share of complications that are there on arrival
UNPRINCIPAL = 1.0  # factor on the chance of a complication at no severity


@dataclass(slots=True)
class Case:
    """A stay before it has a date."""

    presentation: Presentation
    principal: str
    severity: float
    elective: bool
    codes: list[tuple[str, float]]
    """Codes, principal first, and the share of the stay after which each is found."""
    traits: dict[str, float]
    """Trait to the share of the stay after which it is there."""
    age: float
    died: bool = False
    days: float = 1.0


class Diagnoses:
    """Draws conditions by the rules of the tables."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Sort the conditions."""
        self._all = catalogue.conditions
        self._chronic = [c for c in catalogue.conditions.values() if c.chronic]
        self._acute = [c for c in catalogue.conditions.values() if not c.chronic and c.given]
        self._presentations = catalogue.presentations

    def lifelong(self, chance: Chance, patient: Patient, age: float) -> None:
        """Draw the chronic conditions that a patient has by an age, with their onsets."""
        traits = person_traits(patient.sex, age)
        groups: set[str] = set()
        for condition in self._chronic:
            share = ramp(age, condition.start, condition.full)
            if _impossible(condition, patient.sex, groups) or not share:
                continue
            if chance.random() < share * probability(condition.given, traits, FREQUENT):
                traits.update(condition.traits)
                if condition.group:
                    groups.add(condition.group)
                draw = chance.random()
                onset = condition.start + (age - condition.start) * (1 - draw * draw)
                patient.chronic.append(Chronic(condition.code, onset))

    def case(self, chance: Chance, patient: Patient, age: float) -> Case:
        """Draw why a patient of an age comes, and what they have besides."""
        codes = patient.chronic_codes(age)
        traits = person_traits(patient.sex, age)
        for code in codes:
            traits.update(self._all[code].traits)
        reason = self._reason(chance, patient.sex, age, traits, codes)
        principal = self._principal(chance, reason, patient.sex, age, codes)
        noise = 0.2 * chance.normal() + 0.06 * (len(traits) ** 0.5 - 3) + 0.0016 * (age - 60)
        severity = min(max(reason.severity + noise, 0.05), 1.25)
        case = Case(
            reason,
            principal,
            severity,
            chance.random() < reason.elective,
            [(principal, 0.0)],
            dict.fromkeys(sorted(traits), 0.0),
            age,
        )
        extra = (reason.extra[principal],) if principal in reason.extra else ()
        added = (reason.theme, *reason.traits, *extra, *self._all[principal].traits)
        case.traits.update(dict.fromkeys(added, 0.0))
        self._complicate(chance, patient.sex, case)
        kept = (c for c in codes if c != principal and chance.random() < CODED)
        case.codes += [(code, 0.0) for code in kept]
        return case

    def _reason(
        self, chance: Chance, sex: str, age: float, traits: Collection[str], codes: list[str]
    ) -> Presentation:
        weights = []
        for reason in self._presentations:
            weight = reason.weight * ramp(age, *reason.ages)
            if weight and (not reason.needs or not reason.needs.isdisjoint(traits)):
                for trait, factor in reason.boost:
                    weight *= factor if trait in traits else 1
                if self._options(reason, sex, age, codes):
                    weights.append((reason, weight))
        return Weighted(weights).draw(chance)

    def _options(
        self, reason: Presentation, sex: str, age: float, codes: list[str]
    ) -> list[tuple[str, float]]:
        found = []
        for code, weight in reason.codes:
            condition = self._all[code]
            possible = condition.sex in ("-", sex) and age >= condition.start
            if possible and (code in codes or not (condition.chronic and reason.own)):
                found.append((code, weight))
        return found

    def _principal(
        self, chance: Chance, reason: Presentation, sex: str, age: float, codes: list[str]
    ) -> str:
        return Weighted(self._options(reason, sex, age, codes)).draw(chance)

    def _complicate(self, chance: Chance, sex: str, case: Case) -> None:
        """Draw what comes of the case; a table's later lines may follow from its earlier ones."""
        group = self._all[case.principal].group
        groups = set() if group is None else {group}
        scale = UNPRINCIPAL + case.severity
        for condition in self._acute:
            if condition.code == case.principal or _impossible(condition, sex, groups):
                continue
            share = ramp(case.age, condition.start, condition.full)
            if not share:
                continue
            likely = probability(condition.given, case.traits, scale)
            if likely and chance.random() < min(likely, 0.97) * (0.5 + 0.5 * share):
                if condition.group:
                    groups.add(condition.group)
                earliest = min(
                    case.traits[trait] for trait, _ in condition.given if trait in case.traits
                )
                late = chance.random() >= PRESENT
                onset = earliest + (0.55 - 0.5 * earliest) * chance.random() if late else earliest
                case.codes.append((condition.code, onset))
                for trait in condition.traits:
                    case.traits.setdefault(trait, onset)


def person_traits(sex: str, age: float) -> set[str]:
    """Traits that everybody has, by sex and age."""
    found = {"any", "male" if sex == "m" else "female"}
    if age >= ELDERLY:
        found.add("elderly")
    return found


def _impossible(condition: Condition, sex: str, groups: Collection[str]) -> bool:
    return condition.sex not in ("-", sex) or (
        condition.group is not None and condition.group in groups
    )
