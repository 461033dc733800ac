"""Questions over MIMIC-III: embedded synthetic data, the CSV tables, or a SQLite file."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, cast

from pydantic import BaseModel

from taskkit.build.clinical import ClinicalBuilder, ClinicalOptions
from taskkit.build.protocol import Request
from taskkit.questions.published import Flavour
from taskkit.sources.mimic_iii import build_mimic_iii
from taskkit.sources.mimic_options import MimicOptions
from taskkit.sources.opened import open_database
from taskkit.sources.origin import Origin
from taskkit.sources.synthetic import generate

SYNTHETIC_PATIENTS = 1000  # where the user asks for all of a source without an end


class MimicBuildOptions(MimicOptions, ClinicalOptions):
    """The choices of `taskkit build mimic`."""


class MimicBuilder(ClinicalBuilder):
    """Builds tasks over the MIMIC-III schema of EHRSQL."""

    Options: ClassVar[type[BaseModel]] = MimicBuildOptions
    name = "mimic"
    database = "mimic_iii.sqlite"
    flavour: ClassVar[Flavour] = "ehrsql"
    db_id = "mimic_iii"

    def make_database(self, request: Request, target: Path) -> Origin:
        """Make the database of the source given, or the synthetic one."""
        options = cast(MimicBuildOptions, request.options)
        if request.source is None:
            return generate(
                target,
                domain=request.folder,
                patients=options.patients or SYNTHETIC_PATIENTS,
                seed=request.seed,
                progress=request.progress,
            )
        if request.source.is_dir():
            return build_mimic_iii(
                request.source, target, options, request.folder, request.progress
            )
        return open_database(
            request.source, target, request.folder, declared_open=options.declared_open
        )
