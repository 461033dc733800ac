"""MIMIC-Extract: predictions in intensive care; embedded cohorts, MEDS, or published files."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from taskkit.prediction.builder import PredictionBuilder
from taskkit.prediction.candidate import Material


class MimicExtractBuilder(PredictionBuilder):
    """Builds the six tasks of MIMIC-Extract, three more, and variants of them."""

    name: ClassVar[str] = "mimic-extract"

    def published(self, source: Path) -> Material | None:
        """MIMIC-Extract's own folder.

        Raises:
            SourceError: a file is missing.
        """
        from taskkit.prediction.published.mimic_extract import release

        return release(source)
