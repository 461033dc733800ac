"""What is said to the agent of a database whose values were permuted over its patients."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel

from taskkit.errors import UsageError

SHUFFLED = """
## Shuffled values

Diagnoses, procedures, results, drugs and other values were permuted over the patients when this
database was made. What a patient has of one kind tells nothing of the rest: values fit neither one
another, nor age or sex, and have no course. Times, stays and counts are as they were.
"""


def shuffling(options: BaseModel, source: Path | None) -> str:
    """The section for the document of a database; empty where its values are whole.

    Raises:
        UsageError: values are to be permuted of a source that is no folder of tables.
    """
    if not getattr(options, "shuffle_values", False):
        return ""
    if source is None or not source.is_dir():
        raise UsageError("--shuffle-values: need --source FOLDER with tables: others stay whole")
    return SHUFFLED
