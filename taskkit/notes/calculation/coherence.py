"""What the prose of a note must leave out, so that nothing else could be taken for an input."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from taskkit.notes.calculation.patient import Patient

WHOLE = 3  # letters up to which a word is matched whole: `bed`, and no `bedside`
YOUNG = 50  # years below which nobody is retired
NOTHING = re.compile("(?!)")


@dataclass(frozen=True)
class Coherence:
    """Words that are barred, by the inputs of a calculator, and by the patient and the place."""

    inputs: Mapping[str, tuple[str, ...]]
    patients: Mapping[str, tuple[str, ...]]
    topics: tuple[re.Pattern[str], ...] = ()
    """What a note tells once."""

    @classmethod
    def load(cls, path: Path) -> Coherence:
        """Read the table of a domain; one that has none bars nothing."""
        document: Mapping[str, Any] = {}
        if path.is_file():
            document = yaml.safe_load(path.read_text("utf-8"))
        inputs: dict[str, list[str]] = {}
        for entry in document.get("inputs", ()):
            for name in entry["of"]:
                inputs.setdefault(name, []).extend(map(str, entry["words"]))
        patients = {name: tuple(words) for name, words in document.get("patients", {}).items()}
        topics = tuple(pattern(tuple(words)) for words in document.get("once", ()))
        return cls({name: tuple(words) for name, words in inputs.items()}, patients, topics)

    def barred(self, patient: Patient, setting: str) -> re.Pattern[str]:
        """What no sentence may have that is not there to state an input.

        Args:
            setting: Where the patient is seen, such as `clinic`; barred words may depend on it.
        """
        names = [
            name
            for item in patient.calculator.inputs
            for name in (item.choices if item.kind == "findings" else (item.name,))
        ]
        words = [word for name in names for word in self.inputs.get(name, ())]
        words += (*self.patients.get(patient.sex, ()), *self.patients.get(setting, ()))
        if patient.age < YOUNG:
            words += self.patients.get("young", ())
        return pattern(tuple(sorted(set(words))))


@cache
def pattern(words: Sequence[str]) -> re.Pattern[str]:
    """What finds words by their beginnings, in any case."""
    if not words:
        return NOTHING
    forms = [re.escape(word) + (r"\b" if len(word) <= WHOLE else "") for word in words]
    return re.compile(rf"(?<![a-z])(?:{'|'.join(forms)})", re.IGNORECASE)
