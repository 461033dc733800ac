"""Questions in the MIMICSQL schema: embedded synthetic data, MIMIC-III's CSV tables, or SQLite."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal, cast

from pydantic import BaseModel

from taskkit.build.clinical import ClinicalBuilder, ClinicalOptions
from taskkit.build.domain import shipped
from taskkit.build.protocol import Request
from taskkit.build.separation import PatientColumn
from taskkit.questions.published import Flavour
from taskkit.sources.origin import Origin
from taskkit.sources.treqs import TreqsOptions, build_treqs
from taskkit.sources.treqs_opened import open_treqs
from taskkit.sources.treqs_synthetic import generate_treqs

SYNTHETIC_PATIENTS = 1000  # where the user names no number


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

    def make_database(self, request: Request, target: Path) -> Origin:
        """Make the database of the source given, or the synthetic one."""
        options = cast(TreqsBuildOptions, request.options)
        if request.source is None:
            return generate_treqs(
                target,
                domain=request.folder,
                mimic=shipped() / "mimic",
                patients=options.patients or SYNTHETIC_PATIENTS,
                seed=request.seed,
                progress=request.progress,
            )
        if request.source.is_dir():
            return build_treqs(request.source, target, options, request.folder, request.progress)
        return open_treqs(
            request.source, target, request.folder, declared_open=options.declared_open
        )
