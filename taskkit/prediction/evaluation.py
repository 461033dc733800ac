"""From the files of a definition to its threshold: the reference against trivial predictors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from taskkit.build.rejection import Rejection
from taskkit.oracles.predictions import read_labels
from taskkit.prediction.bootstrap import outcome
from taskkit.prediction.candidate import Candidate, Evaluated
from taskkit.prediction.leakage import LeakError, require_no_leak
from taskkit.prediction.reference import Sheets, predict, read_program
from taskkit.prediction.sheets import read_keys, read_matrix, read_train
from taskkit.prediction.threshold import NoThresholdError, threshold
from taskkit.prediction.trivial import Ground, predictors


class Evaluation:
    """Evaluates candidates, in one process."""

    def __init__(self, domain: Path, folder: Path) -> None:
        """Evaluate with the programs of a domain, on the files of a folder."""
        self._domain, self._folder = domain, folder

    def __call__(self, candidate: Candidate | Rejection) -> Evaluated | Rejection:
        """Find the threshold, or say why there is none; a rejection stays one.

        Raises:
            SpecError: the reference program fails.
        """
        if isinstance(candidate, Rejection):
            return candidate
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
        reference = columns(predict(body, constants(candidate), self._folder), candidate)
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
    return array.astype(str) if candidate.definition.decides else np.asarray(array, dtype=float)


def constants(candidate: Candidate) -> Sheets:
    """What the reference program of a candidate is told."""
    one, files = candidate.definition, candidate.files
    return Sheets(candidate.key, files.features, files.train, files.rows, one.outputs, one.decides)
