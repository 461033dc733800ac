"""Sources that can be measured: the embedded hospital in a release, a database, a folder of CSV."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from taskkit.build.origin import Origin, Progress, silent
from taskkit.ehr.realism.bands import BANDS, EICU_BANDS, Band
from taskkit.ehr.realism.eicu import read_eicu
from taskkit.ehr.realism.reading import open_tables
from taskkit.ehr.realism.records import StayRecord, read_mimic
from taskkit.ehr.rendering.eicu import generate_eicu
from taskkit.ehr.rendering.mimic_iii import generate
from taskkit.ehr.rendering.mimic_iv import generate_mimic_iv
from taskkit.ehr.rendering.naming import vocabulary

EMBEDDED: dict[str, Callable[..., Origin]] = {
    "mimic": generate,
    "mimic-iv": generate_mimic_iv,
    "eicu": generate_eicu,
}
"""What writes the embedded hospital, by the domain whose schema it takes."""


class Source(NamedTuple):
    """What was read, and what it is held to."""

    stays: list[StayRecord]
    bands: Mapping[str, Band]


def read_source(source: Path) -> Source:
    """Read the stays of a database or a folder in the schema of MIMIC-III, MIMIC-IV or eICU.

    Raises:
        SourceError: a table is missing.
    """
    tables = open_tables(source)
    if tables.has("patient"):
        return Source(read_eicu(tables, source), EICU_BANDS)
    return Source(read_mimic(tables, source), BANDS)


def read_embedded(name: str, patients: int, seed: int, progress: Progress = silent) -> Source:
    """Draw the embedded hospital of a domain, and read its stays."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "hospital.sqlite"
        home = vocabulary(name).parent
        EMBEDDED[name](path, domain=home, patients=patients, seed=seed, progress=progress)
        return read_source(path)
