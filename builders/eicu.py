"""Questions over eICU: embedded synthetic data, the CSV tables, or a SQLite file."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, cast

from pydantic import BaseModel

from taskkit.build.clinical import ClinicalBuilder, ClinicalOptions
from taskkit.build.protocol import Request
from taskkit.build.separation import PatientColumn
from taskkit.questions.published import Flavour
from taskkit.sources.eicu import EicuOptions, build_eicu
from taskkit.sources.eicu_synthetic import generate_eicu
from taskkit.sources.opened import open_database
from taskkit.sources.origin import Origin

SYNTHETIC_PATIENTS = 1000  # where the user asks for all of a source without an end


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

    def make_database(self, request: Request, target: Path) -> Origin:
        """Make the database of the source given, or the synthetic one."""
        options = cast(EicuBuildOptions, request.options)
        if request.source is None:
            return generate_eicu(
                target,
                domain=request.folder,
                patients=options.patients or SYNTHETIC_PATIENTS,
                seed=request.seed,
                progress=request.progress,
            )
        if request.source.is_dir():
            return build_eicu(request.source, target, options, request.folder, request.progress)
        return open_database(
            request.source, target, request.folder, declared_open=options.declared_open
        )
