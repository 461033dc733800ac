"""Questions over MIMIC-IV: embedded synthetic data, the CSV tables, or a SQLite file."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel

from taskkit.ehr.releases.mimic.options import MimicIvOptions
from taskkit.ehr.releases.mimic_iv.tables import build_mimic_iv
from taskkit.ehr.rendering.mimic_iv import generate_mimic_iv
from taskkit.sql.clinical import ClinicalBuilder, ClinicalOptions
from taskkit.sql.questions.published import Flavour


class MimicIvBuildOptions(MimicIvOptions, ClinicalOptions):
    """The choices of `taskkit build mimic-iv`."""


class MimicIvBuilder(ClinicalBuilder):
    """Builds tasks over the MIMIC-IV schema of EHRSQL-2024."""

    Options: ClassVar[type[BaseModel]] = MimicIvBuildOptions
    name = "mimic-iv"
    database = "mimic_iv.sqlite"
    flavour: ClassVar[Flavour] = "ehrsql-2024"
    db_id = "mimic_iv"
    synthetic = staticmethod(generate_mimic_iv)
    tables = staticmethod(build_mimic_iv)
