"""The words and ranges of notes, read from a domain's folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from taskkit.build.domain import shipped
from taskkit.errors import SpecError, blame
from taskkit.notes.calculation.coherence import Coherence
from taskkit.notes.phrases import Phrases

PROSE = "ehrcon"  # the domain whose bank of phrases clinical notes share


@dataclass(frozen=True)
class Measure:
    """How a measurement is drawn and written."""

    names: tuple[str, ...]
    bands: tuple[tuple[float, float], ...]
    """Ranges in the calculator's unit, each as likely."""
    units: Mapping[str, int]
    """Decimals by UCUM code; the first is the calculator's."""
    usual: tuple[float, float] | None = None
    """Range of most patients, for a note whose calculator does not ask for it."""


@dataclass(frozen=True)
class Account:
    """How a finding is said to be there or not."""

    phrases: tuple[str, ...] = ()
    """Noun phrases that follow `has` or `no`."""
    present: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    """Whole sentences, in place of phrases."""
    inverse: bool = False
    """The phrase is the finding's contrary."""


@dataclass(frozen=True)
class Asking:
    """What a task asks of a calculator."""

    ask: str
    items: tuple[str, ...] = ()
    """Parts of the answer, before the total."""


@dataclass(frozen=True)
class Lexicon:
    """All a domain knows of wording."""

    measures: Mapping[str, Measure]
    accounts: Mapping[str, Account]
    choices: Mapping[str, Mapping[str, tuple[str, ...]]]
    asking: Mapping[str, Asking]
    programs: Mapping[str, str]
    """Python by calculator: sets `answer` from variables that are named as the inputs."""
    phrases: Phrases
    """Sentences of clinical notes, the domain's own beside those of all notes."""
    coherence: Coherence


@cache
def lexicon(folder: Path) -> Lexicon:
    """Read the lexicon of a domain's folder.

    Raises:
        SpecError: A file is absent or not of the form that these classes say.
    """
    with blame(SpecError, str(folder)):
        findings = load(folder / "findings.yaml")
        return Lexicon(
            measures={name: measure(of) for name, of in load(folder / "measures.yaml").items()},
            accounts={name: account(of) for name, of in findings["accounts"].items()},
            choices={
                name: {value: tuple(said) for value, said in of.items()}
                for name, of in findings["choices"].items()
            },
            asking={
                name: Asking(of["ask"], tuple(of.get("items", ())))
                for name, of in load(folder / "calculators.yaml").items()
            },
            programs={
                path.stem: path.read_text("utf-8")
                for path in sorted((folder / "programs").glob("*.py"))
            },
            phrases=Phrases.load(shipped() / PROSE / "phrases", folder / "phrases"),
            coherence=Coherence.load(folder / "coherence.yaml"),
        )


def load(path: Path) -> Any:
    """Read a YAML file."""
    return yaml.safe_load(path.read_text("utf-8"))


def measure(of: Mapping[str, Any]) -> Measure:
    """Give a measure from its document."""
    bands = tuple((float(low), float(high)) for low, high in of["bands"])
    usual = of.get("usual")
    return Measure(
        tuple(of["names"]),
        bands,
        dict(of["units"]),
        (float(usual[0]), float(usual[1])) if usual else None,
    )


def account(of: Mapping[str, Any]) -> Account:
    """Give an account from its document."""
    return Account(
        phrases=tuple(of.get("is", ())),
        present=tuple(of.get("present", ())),
        absent=tuple(of.get("absent", ())),
        inverse=bool(of.get("inverse", False)),
    )
