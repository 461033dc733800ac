"""MIMIC-Extract: predictions in intensive care; embedded cohorts, MEDS, or published files."""

from __future__ import annotations

from typing import ClassVar

from taskkit.prediction.builder import PredictionBuilder


class MimicExtractBuilder(PredictionBuilder):
    """Builds the six tasks of MIMIC-Extract, three more, and variants of them."""

    name: ClassVar[str] = "mimic-extract"
