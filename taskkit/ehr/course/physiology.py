"""Latent states of the body: each returns to its mean, which follows the illness.

Every state is an Ornstein-Uhlenbeck process (AR(1) where it is read): lasting differences between
patients, the effect of what they have, scaled by how ill they are at the time, and wandering
around that. Tests and vital signs are read from the same states, so they move together.
"""

from __future__ import annotations

from collections.abc import Sequence

from taskkit.ehr.chance import UNIT_SPREAD, Chance
from taskkit.ehr.clock import DAY
from taskkit.ehr.course.catalogue import Analyte, State
from taskkit.ehr.course.outcome import exponential
from taskkit.ehr.course.patient import Patient
from taskkit.ehr.course.stay import Stay

HABITUAL = 0.8  # share of the spread between patients that is theirs for life
STRUCK = 2.0  # most that an illness does to a part of the body, as a multiple of its mean


class Body:
    """The states of one patient during one stay; time goes forward only."""

    def __init__(
        self,
        chance: Chance,
        states: Sequence[State],
        patient: Patient,
        stay: Stay,
        chronic: frozenset[str],
        *,
        uneven: bool = False,
    ) -> None:
        """Start at admission.

        Args:
            chance: What draws.
            states: What is followed.
            patient: Whose own values last from stay to stay.
            stay: Says what they have, and how ill they are.
            chronic: The traits whose effects do not change with severity.
            uneven: An illness strikes one part of the body more than another, by chance.
        """
        self._states, self._stay, self._chance = states, stay, chance
        self._minute = stay.admitted
        self._daily = [(state.daily, state.limit) for state in states]
        self._wandering = [(state.days, state.wander) for state in states]
        size = len(states)
        self._base, self._acute = [0.0] * size, [0.0] * size
        self._ill = [state.effects.get("ill", 0.0) for state in states]
        if uneven:
            self._ill = [effect * chance.between(0, STRUCK) for effect in self._ill]
        self._pending = self._sort(chronic)
        for place, state in enumerate(states):
            lasting = patient.lasting(state.name, chance)
            self._base[place] += state.own * (HABITUAL * lasting + 0.6 * chance.normal())
        self._begin(stay.admitted)
        means = self._means(stay.admitted)
        self.values = [
            mean + state.wander * chance.normal() for mean, state in zip(means, states, strict=True)
        ]

    def _sort(self, chronic: frozenset[str]) -> list[tuple[int, int, float]]:
        """Add the effects of what is chronic; give onset, place and effect of the rest."""
        pending = []
        for place, state in enumerate(self._states):
            for trait, effect in state.effects.items():
                onset = self._stay.onsets.get(trait)
                if onset is None:
                    continue
                if trait in chronic:
                    self._base[place] += effect
                else:
                    pending.append((onset, place, effect))
        return sorted(pending, reverse=True)

    def _begin(self, minute: int) -> None:
        while self._pending and self._pending[-1][0] <= minute:
            _, place, effect = self._pending.pop()
            self._acute[place] += effect

    def _means(self, minute: int) -> list[float]:
        ill = self._stay.ill(minute)
        scale = (0.5 + 0.6 * self._stay.severity) * (0.25 + 0.75 * ill / self._stay.severity)
        days = (minute - self._stay.admitted) / DAY
        return [
            base + acute * scale + effect * ill + daily * (days if days < limit else limit)
            for base, acute, effect, (daily, limit) in zip(
                self._base, self._acute, self._ill, self._daily, strict=True
            )
        ]

    def advance(self, minute: int) -> list[float]:
        """Follow the states to a time, and give them."""
        self._begin(minute)
        passed = (minute - self._minute) / DAY
        self._minute = minute
        draw, values, means = self._chance.random, self.values, self._means(minute)
        for place, (days, wander) in enumerate(self._wandering):
            kept = 1 / (1 + passed / days)
            noise = wander * (1 - kept * kept) ** 0.5
            normal = (draw() + draw() + draw() + draw() - 2) * UNIT_SPREAD  # as Chance.normal
            mean = means[place]
            values[place] = mean + (values[place] - mean) * kept + noise * normal
        return values

    def shift(self, place: int, amount: float) -> None:
        """Treat a state: at once by an amount, of which half lasts."""
        self.values[place] += amount
        self._base[place] += amount / 2


def read(chance: Chance, analyte: Analyte, values: Sequence[float]) -> float:
    """A result of a test."""
    total = analyte.noise * chance.normal()
    for place, load in analyte.loads:
        total += load * values[place]
    value = analyte.base * exponential(total) if analyte.log else analyte.base + total
    if not analyte.least <= value <= analyte.most:
        value = min(max(value, analyte.least), analyte.most)
    return round(value, analyte.decimals)
