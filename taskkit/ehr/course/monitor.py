"""Vital signs: read from the body every hour or so in intensive care, every shift on a ward."""

from __future__ import annotations

from taskkit.ehr.chance import Chance
from taskkit.ehr.course.physiology import Body
from taskkit.ehr.course.practice import USUAL, Practice
from taskkit.ehr.course.stay import Signs, Stay
from taskkit.ehr.course.weaning import FAILURES

WARMTH, PULSE, PRESSURE, STIFFNESS, BREATHING, OXYGENATION = range(6)
"""Places of the states of signs.tsv."""
TAKEN, WARM = 0.9, 0.55  # shares of rounds in which a sign, and the temperature, is taken
INTENSIVE = (60, 120, 240, 240, 240, 300, 360)  # minutes between rounds
SUPPORTED = (60, 60, 60, 120)  # while circulation or breathing is supported, from an arterial line
WARD = (360, 480, 480, 600)
BOUNDS = {
    "temperature": (33.0, 41.5),
    "saturation": (70, 100),
    "heart rate": (35, 185),
    "respiratory rate": (6, 48),
    "systolic": (60, 225),
    "diastolic": (25, 125),
    "mean": (38, 155),
}
"""What is ever charted; temperature in degrees Celsius, pressures in mmHg."""


def watch(chance: Chance, stay: Stay, body: Body, age: float, practice: Practice = USUAL) -> None:
    """File the vital signs of a stay."""
    closely = [span for span in stay.spans if practice.weaned and span.name in FAILURES]
    for part in stay.places:
        minute = part.start + chance.whole(5, 45)
        usual = WARD if part.number is None else INTENSIVE
        while minute <= min(part.end, stay.until):
            values = _read(chance, body.advance(minute), age)
            taken = {
                name: value
                for name, value in values.items()
                if chance.random() < (WARM if name == "temperature" else TAKEN)
            }
            if taken:
                stay.signs.append(Signs(minute, taken, part.number))
            supported = any(span.start <= minute < span.end for span in closely)
            minute += chance.one(SUPPORTED if supported else usual)


def _read(chance: Chance, states: list[float], age: float) -> dict[str, float]:
    pressure, stiff = states[PRESSURE], states[STIFFNESS]
    systolic = 119 + 0.12 * (age - 60) + pressure + 0.8 * stiff + 3 * chance.normal()
    diastolic = 62 - 0.1 * (age - 60) + 0.5 * pressure - 0.12 * stiff + 4 * chance.normal()
    diastolic = min(diastolic, systolic - 15)
    values = {
        "temperature": 36.85 + states[WARMTH] + 0.1 * chance.normal(),
        "saturation": 98 - states[OXYGENATION] + 0.8 * chance.normal(),
        "heart rate": 80 + states[PULSE] + 1.5 * chance.normal(),
        "respiratory rate": 16.5 + states[BREATHING] + chance.normal(),
        "systolic": systolic,
        "diastolic": diastolic,
    }
    read = {name: _bounded(name, value) for name, value in values.items()}
    mean = (read["systolic"] + 2 * read["diastolic"]) / 3 + 1.5 * chance.normal()
    read["mean"] = _bounded("mean", min(max(mean, read["diastolic"]), read["systolic"]))
    return read


def _bounded(name: str, value: float) -> float:
    low, high = BOUNDS[name]
    if not low <= value <= high:
        value = min(max(value, low), high)
    return round(value, 1 if name == "temperature" else 0)
