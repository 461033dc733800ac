"""Which patients are for training and which are hidden."""

from __future__ import annotations

import hashlib

from taskkit.prediction.cohort import Cohort

HIDDEN = 0.4  # of the patients; 1,600 of 4,000: few enough to train, enough to part predictors


def hidden_subjects(cohort: Cohort, salt: str) -> set[int]:
    """Patients whose labels the agent does not get.

    The publisher's test part where there is one, else by a digest of the patient's number, so
    that no patient is on both sides and the number's order says nothing.
    """
    subjects = cohort.events["subject_id"].unique().sort().to_list()
    if "test" in cohort.splits.values():
        return {one for one in subjects if cohort.splits.get(one) == "test"}
    return {one for one in subjects if place(one, salt) < HIDDEN}


def place(subject: int, salt: str) -> float:
    """A number from 0 to 1 that stands for a patient."""
    digest = hashlib.sha256(f"{salt}:{subject}".encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48
