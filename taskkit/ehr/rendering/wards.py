"""Which ward of a hospital a patient lies on."""

from __future__ import annotations

from collections.abc import Sequence

from taskkit.ehr.course.stay import Place
from taskkit.ehr.rendering.vocabulary import GENERAL, Ward

UNITS = {
    "medical": "micu",
    "surgical": "sicu",
    "cardiac": "ccu",
    "heart-surgery": "csru",
    "trauma": "tsicu",
    "neuro": "nsicu",
}
"""Care unit of MIMIC-III for each kind of unit."""


class Wards:
    """The wards of one hospital."""

    def __init__(self, wards: Sequence[Ward]) -> None:
        """Sort the wards by care unit, and ordinary ones by theme."""
        self._units = {
            unit: [ward for ward in wards if ward.careunit == unit] for unit in UNITS.values()
        }
        self._ordinary = [ward for ward in wards if ward.careunit is None]

    def ward(self, place: Place) -> Ward:
        """The ward of a place; the place's own draw chooses among several."""
        if place.unit is not None:
            return _choose(self._units[UNITS[place.unit]], place.draw)
        fitting = [ward for ward in self._ordinary if place.theme in ward.themes]
        general = [ward for ward in self._ordinary if GENERAL in ward.themes]
        return _choose(fitting or general, place.draw)


def _choose(wards: Sequence[Ward], draw: float) -> Ward:
    point = draw * sum(ward.weight for ward in wards)
    for ward in wards:
        point -= ward.weight
        if point < 0:
            return ward
    return wards[-1]
