"""From the files of a definition to its threshold: run the reference and every trivial predictor."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from taskkit.build.origin import Origin
from taskkit.build.rejection import Rejection
from taskkit.oracles.metric import RANKING
from taskkit.oracles.predictions import read_labels
from taskkit.prediction.bootstrap import outcome
from taskkit.prediction.definition import Definition
from taskkit.prediction.leakage import LeakError, require_no_leak
from taskkit.prediction.reference import Sheets, predict, read_program
from taskkit.prediction.sheets import Files, read_keys, read_matrix, read_train
from taskkit.prediction.threshold import NoThresholdError, Threshold, threshold
from taskkit.prediction.trivial import Ground, predictors


@dataclass(frozen=True)
class Candidate:
    """A definition with its files, before it is known whether it makes a task."""

    definition: Definition
    files: Files
    key: str
    origin: Origin
    """Where the cohort comes from."""
    category: str
    """The definition that it is a variant of, or its own name."""

    @property
    def record(self) -> str:
        """Its name among the records."""
        return f"{self.origin.name}: {self.definition.name}"

    @property
    def sheets(self) -> Sheets:
        """What its reference program is told."""
        one = self.definition
        return Sheets(
            self.key,
            self.files.features,
            self.files.train,
            self.files.rows,
            one.outputs,
            one.metric not in RANKING,
        )


@dataclass(frozen=True)
class Evaluated:
    """A definition that makes a task."""

    candidate: Candidate
    threshold: Threshold
    rows: int


class Evaluation:
    """Evaluates candidates, in one process."""

    def __init__(self, domain: Path, folder: Path) -> None:
        """Evaluate with the programs of a domain, on the files of a folder."""
        self._domain, self._folder = domain, folder

    def __call__(self, candidate: Candidate) -> Evaluated | Rejection:
        """Find the threshold, or say why there is none.

        Raises:
            SpecError: the reference program fails.
        """
        try:
            return self._evaluate(candidate)
        except NoThresholdError as error:
            return Rejection(candidate.record, "no_threshold", str(error))
        except LeakError as error:
            return Rejection(candidate.record, "leakage", str(error))

    def _evaluate(self, candidate: Candidate) -> Evaluated:
        one, files = candidate.definition, candidate.files
        ground = self.ground(candidate)
        require_no_leak(ground)
        body = read_program(self._domain, one.program)
        reference = columns(predict(body, candidate.sheets, self._folder), candidate)
        hidden = read_labels(self._folder / files.hidden, candidate.key)
        truth = outcome(hidden, one.target, one.outputs)
        trivial = predictors(ground, reference)
        found = threshold(one.metric, truth, reference, trivial, program=one.program)
        return Evaluated(candidate, found, len(hidden.rows))

    def ground(self, candidate: Candidate) -> Ground:
        """What a trivial predictor may know."""
        one, files, key = candidate.definition, candidate.files, candidate.key
        matrix = read_matrix(self._folder / files.features, key)
        train = read_train(self._folder / files.train, key)
        keys = read_keys(self._folder / files.rows)
        truth = outcome(train, one.target, one.outputs)
        return Ground(
            one.metric,
            one.target,
            truth,
            matrix.of(list(train.rows)),
            matrix.of(keys),
            matrix.names,
        )


def columns(predictions: Any, candidate: Candidate) -> Any:
    """The data frame of a reference as (columns, rows), in the order of the file of rows."""
    array = predictions[list(candidate.definition.outputs)].to_numpy().T
    return array.astype(str) if candidate.sheets.decision else np.asarray(array, dtype=float)
