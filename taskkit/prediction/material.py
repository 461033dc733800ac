"""What tasks are made of: a drawn cohort, or one in MEDS that a user brings."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from taskkit.build.origin import Origin
from taskkit.prediction.candidate import Files, Material
from taskkit.prediction.cohort import Cohort, read_meds
from taskkit.prediction.definition import Definition, Definitions
from taskkit.prediction.hospital import draw, tables_sum
from taskkit.prediction.plan import CohortPlan
from taskkit.prediction.sheets import feature_file, write_features, write_labels
from taskkit.prediction.split import hidden_subjects
from taskkit.prediction.synthetic import cohort
from taskkit.spec.document import read_document

COHORT = "cohort.yaml"  # the plan of a cohort, of a domain whose patients are not the hospital's


@dataclass
class Writer:
    """Writes the files of definitions over one cohort; each feature file once."""

    cohort: Cohort
    definitions: Definitions
    stem: str
    salt: str
    _done: set[str] = field(default_factory=set)

    def __call__(self, definition: Definition, folder: Path) -> Files:
        """Write the files of a definition.

        Raises:
            TooFewError: the cohort has too few patients for it.
        """
        hidden = hidden_subjects(self.cohort, self.salt)
        files = write_labels(self.cohort, definition, self.definitions, hidden, folder, self.stem)
        name = feature_file(self.stem, definition)
        if name not in self._done:
            what = self.definitions.features[definition.features]
            write_features(self.cohort, definition, what, self.definitions.key, folder / name)
            self._done.add(name)
        return files


def drawn(
    folder: Path,
    definitions: Definitions,
    patients: int | None,
    seed: int,
    stem: str,
    origin: Origin,
) -> Material:
    """A cohort of the embedded hospital, or drawn from the plan in a domain's folder.

    Raises:
        SpecError: the plan is wrong.
    """
    if definitions.patients is not None:
        people = draw(patients or definitions.patients, seed)
        origin = replace(origin, sha256=tables_sum(origin.sha256))
    else:
        plan = read_document(folder / COHORT, CohortPlan)
        if patients is not None:
            plan = plan.model_copy(update={"patients": patients})
        people = cohort(plan, seed)
    return Material(origin, Writer(people, definitions, stem, f"cohort {seed}"), definitions.key)


def given(folder: Path, definitions: Definitions) -> Material:
    """A MEDS folder that a user brings; its patients are taken for real ones.

    Raises:
        SourceError: it is none.
    """
    read = read_meds(folder)
    origin = Origin(f"MEDS {folder.name}", "not stated", "credentialed", read.sha256)
    return Material(origin, Writer(read, definitions, "", "given"), definitions.key)
