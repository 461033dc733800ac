"""EHRSHOT: predictions over hospital records; embedded cohorts, MEDS, or the publisher's files."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from taskkit.prediction.builder import PredictionBuilder
from taskkit.prediction.candidate import Material


class EhrshotBuilder(PredictionBuilder):
    """Builds the fifteen tasks of EHRSHOT, and variants of them."""

    name: ClassVar[str] = "ehrshot"

    def published(self, source: Path) -> Material | None:
        """EHRSHOT's own folder.

        Raises:
            SourceError: a file is missing.
        """
        from taskkit.prediction.published.ehrshot import release

        return release(source)
