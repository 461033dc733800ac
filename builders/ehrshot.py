"""EHRSHOT: predictions over hospital records; embedded cohorts, MEDS, or the publisher's files."""

from __future__ import annotations

from typing import ClassVar

from taskkit.prediction.builder import PredictionBuilder


class EhrshotBuilder(PredictionBuilder):
    """Builds the fifteen tasks of EHRSHOT, and variants of them."""

    name: ClassVar[str] = "ehrshot"
