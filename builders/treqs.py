"""Questions in the MIMICSQL schema: embedded synthetic data, MIMIC-III's CSV tables, or SQLite."""

from __future__ import annotations

from functools import partial
from typing import ClassVar, Literal

from pydantic import BaseModel

from taskkit.ehr.releases.treqs.tables import TreqsOptions, build_treqs
from taskkit.ehr.rendering.treqs import generate_treqs
from taskkit.ehr.tables.opened import open_database
from taskkit.sql.clinical import ClinicalBuilder, ClinicalOptions
from taskkit.sql.questions.measure import Measure
from taskkit.sql.questions.published import Flavour
from taskkit.sql.separation import PatientColumn


class TreqsBuildOptions(TreqsOptions, ClinicalOptions):
    """The choices of `taskkit build treqs`."""

    current_time: Literal["2105-12-31 23:59:00"] = "2105-12-31 23:59:00"
    """Not offered: no question counts back from a current time."""


class TreqsBuilder(ClinicalBuilder):
    """Builds tasks over the five tables of MIMICSQL."""

    Options: ClassVar[type[BaseModel]] = TreqsBuildOptions
    name = "treqs"
    database = "treqs.sqlite"
    flavour: ClassVar[Flavour] = "mimicsql"
    db_id = "mimicsql"
    patients = PatientColumn("demographic", "subject_id")
    measures = (
        Measure("prescriptions", "drug_dose", "drug"),
        Measure("lab", "value_unit", "label"),
    )
    synthetic = staticmethod(generate_treqs)
    tables = staticmethod(build_treqs)
    opened = staticmethod(partial(open_database, markers=False))
