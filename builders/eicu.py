"""Questions over eICU: embedded synthetic data, the CSV tables, or a SQLite file."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel

from taskkit.ehr.releases.eicu.tables import EicuOptions, build_eicu
from taskkit.ehr.rendering.eicu import generate_eicu
from taskkit.sql.clinical import ClinicalBuilder, ClinicalOptions
from taskkit.sql.questions.measure import Measure
from taskkit.sql.questions.published import Flavour
from taskkit.sql.separation import PatientColumn


class EicuBuildOptions(EicuOptions, ClinicalOptions):
    """The choices of `taskkit build eicu`."""


class EicuBuilder(ClinicalBuilder):
    """Builds tasks over the eICU schema of EHRSQL."""

    Options: ClassVar[type[BaseModel]] = EicuBuildOptions
    name = "eicu"
    database = "eicu.sqlite"
    flavour: ClassVar[Flavour] = "ehrsql"
    db_id = "eicu"
    patients = PatientColumn("patient", "uniquepid")
    measures = (Measure("medication", "dosage", "drugname"),)
    synthetic = staticmethod(generate_eicu)
    tables = staticmethod(build_eicu)
