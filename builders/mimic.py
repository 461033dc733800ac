"""Questions over MIMIC-III: embedded synthetic data, the CSV tables, or a SQLite file."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel

from taskkit.ehr.releases.mimic.options import MimicOptions
from taskkit.ehr.releases.mimic_iii.tables import build_mimic_iii
from taskkit.ehr.rendering.mimic_iii import generate
from taskkit.sql.clinical import ClinicalBuilder, ClinicalOptions
from taskkit.sql.questions.measure import Measure
from taskkit.sql.questions.published import Flavour


class MimicBuildOptions(MimicOptions, ClinicalOptions):
    """The choices of `taskkit build mimic`."""


class MimicBuilder(ClinicalBuilder):
    """Builds tasks over the MIMIC-III schema of EHRSQL."""

    Options: ClassVar[type[BaseModel]] = MimicBuildOptions
    name = "mimic"
    database = "mimic_iii.sqlite"
    flavour: ClassVar[Flavour] = "ehrsql"
    db_id = "mimic_iii"
    measures = (
        Measure("labevents", "valuenum", "itemid", "valueuom", ("d_labitems", "label")),
        Measure("chartevents", "valuenum", "itemid", "valueuom", ("d_items", "label")),
        Measure("prescriptions", "dose_val_rx", "drug", "dose_unit_rx"),
    )
    synthetic = staticmethod(generate)
    tables = staticmethod(build_mimic_iii)
