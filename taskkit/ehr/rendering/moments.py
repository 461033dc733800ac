"""What a rendering tells of a stay at one time, in words that all renderings share."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, Protocol

from taskkit.ehr.rendering.eicu_names import read_names


class Moment(NamedTuple):
    """Something that a rendering tells of a stay."""

    minute: int
    """Since the admission to hospital."""
    kind: str
    meaning: str
    value: str
    said: str
    """As the rendering says it; the rest is the same in every rendering."""


class Telling(Protocol):
    """A rendering that a timeline can be read from."""

    @property
    def title(self) -> str:
        """What its column is called."""

    def moments(self, folder: Path, patient: int, stay: int, seed: int) -> list[Moment]:
        """Read a stay of one patient; empty without it.

        Args:
            folder: Scratch.
            patient: Number in the hospital.
            stay: Id of the stay, `hadm_id` or `patienthealthsystemstayid`.
            seed: Of the hospital.
        """


def shared_names() -> dict[tuple[str, str], str]:
    """Kind and name in the course to what is meant: eICU's name, where it has one of its own."""
    return {
        (kind, name): meaning
        for kind, table in (("result", "labs"), ("culture", "specimens"), ("organism", "organisms"))
        for name, meaning in read_names(table).items()
    }
