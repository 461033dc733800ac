"""What is charted in intensive care only: vital signs, inputs and outputs."""

from __future__ import annotations

from collections.abc import Iterator

from taskkit.ehr.chance import Chance
from taskkit.ehr.clock import text
from taskkit.ehr.synthetic.patients import Patient, Visit
from taskkit.ehr.synthetic.vocabulary import GENERAL, Vital, Vocabulary, Volume, by_theme

VitalRow = tuple[int, str, float, str]
VolumeRow = tuple[str, int, float]
TEMPERATURE = "temperature c (calc)"
SPARSE, OFTEN = 0.5, 0.88  # how often a sign is taken in a round
ONCE = ("admit wt", "admit ht")
SYSTOLIC, DIASTOLIC, MEAN = "arterial bp [systolic]", "arterial bp [diastolic]", "arterial bp mean"
HEIGHT_GAP, WEIGHT_GAP = 2.6, 6.0  # half of what men exceed women by: inch, kg


class Monitor:
    """Draws vital signs every few hours, weight and height once."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        """Know the vital signs."""
        self._once = [vital for vital in vocabulary.vitals if vital.label in ONCE]
        self._often = [vital for vital in vocabulary.vitals if vital.label not in ONCE]

    def signs(
        self, chance: Chance, patient: Patient, visit: Visit, start: int, end: int
    ) -> Iterator[VitalRow]:
        """Give item, time, value and unit of each sign from ``start`` to ``end``."""
        minute = start + chance.whole(5, 45)
        if minute > end:
            return
        for vital in self._once:
            yield vital.itemid, text(minute), _build(chance, patient, vital), vital.unit
        while minute <= end:
            values: dict[str, float] = {}
            for vital in self._often:
                values[vital.label] = value = _sign(chance, patient, visit, vital, values)
                if chance.random() < (SPARSE if vital.label == TEMPERATURE else OFTEN):
                    yield vital.itemid, text(minute), value, vital.unit
            minute += chance.one((60, 120, 240, 240, 300, 360, 480))


def _build(chance: Chance, patient: Patient, vital: Vital) -> float:
    gap = HEIGHT_GAP if vital.label == "admit ht" else WEIGHT_GAP
    noise = 0.0 if vital.label == "admit ht" else 2 * chance.normal()
    own = vital.mean + (gap if patient.sex == "m" else -gap) + noise
    return _bounded(vital, own + vital.spread * patient.trait(vital.label, chance))


def _sign(
    chance: Chance, patient: Patient, visit: Visit, vital: Vital, values: dict[str, float]
) -> float:
    if vital.label == MEAN:
        mean = (values[SYSTOLIC] + 2 * values[DIASTOLIC]) / 3
        return _bounded(vital, mean + 2 * chance.normal())
    factor = 1.0
    for theme, effect in vital.effects.items():
        factor += (effect - 1) * visit.severity.get(theme, 0.0)
    own = vital.mean + 0.6 * vital.spread * patient.trait(vital.label, chance)
    return _bounded(vital, own * factor + 0.8 * vital.spread * chance.normal())


def _bounded(vital: Vital, value: float) -> float:
    return round(min(max(value, vital.floor), vital.ceiling), vital.decimals)


class Balance:
    """Draws what goes in, or what comes out, in ml."""

    def __init__(self, vocabulary: Vocabulary, linksto: str) -> None:
        """Sort the items of one table by theme."""
        volumes = [volume for volume in vocabulary.volumes if volume.linksto == linksto]
        self._volumes = by_theme(volumes, lambda v: v.themes, lambda v: v.weight)

    def volumes(self, chance: Chance, visit: Visit, start: int, end: int) -> list[VolumeRow]:
        """Give time, item and amount of what is charted from ``start`` to ``end``, in order."""
        chosen = self._volumes[GENERAL].several(chance, chance.whole(2, 4))
        for theme, badness in visit.severity.items():
            if theme in self._volumes:
                chosen += self._volumes[theme].several(chance, int(1.6 * badness + 0.5))
        rows = [row for item in dict.fromkeys(chosen) for row in _given(chance, item, start, end)]
        return sorted(rows)


def _given(chance: Chance, item: Volume, start: int, end: int) -> Iterator[VolumeRow]:
    rare = item.label.startswith(("or ", "pre-admission"))
    minute = start + chance.whole(0, 600)
    for _ in range(1 if rare else chance.whole(1, 10)):
        if minute > end:
            return
        amount = item.mean * chance.between(0.25, 1.75) * (2 if chance.random() < 0.08 else 1)
        yield text(minute), item.itemid, float(round(min(max(amount, item.floor), item.ceiling)))
        minute += chance.whole(2, 16) * 60
