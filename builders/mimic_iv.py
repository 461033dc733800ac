"""Published questions over MIMIC-IV: the CSV tables, or a SQLite file."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel

from taskkit.build.clinical import ClinicalBuilder, ClinicalOptions
from taskkit.build.protocol import Request
from taskkit.errors import UsageError
from taskkit.questions.published import Flavour
from taskkit.sources.mimic_iv import build_mimic_iv
from taskkit.sources.mimic_options import MimicIvOptions
from taskkit.sources.origin import Origin


class MimicIvBuildOptions(MimicIvOptions, ClinicalOptions):
    """The choices of `taskkit build mimic-iv`."""


class MimicIvBuilder(ClinicalBuilder):
    """Builds tasks over the MIMIC-IV schema of EHRSQL-2024."""

    Options: ClassVar[type[BaseModel]] = MimicIvBuildOptions
    name = "mimic-iv"
    database = "mimic_iv.sqlite"
    flavour: ClassVar[Flavour] = "ehrsql-2024"
    db_id = "mimic_iv"
    tables = staticmethod(build_mimic_iv)

    def make_database(self, request: Request, target: Path) -> Origin:
        """Make the database of the source given."""
        if request.source is None or request.questions is None:
            raise UsageError(
                "mimic-iv: no embedded source and no templates of its own: give --source FOLDER"
                " with the tables of MIMIC-IV and --questions FOLDER with EHRSQL-2024 files"
            )
        return super().make_database(request, target)
