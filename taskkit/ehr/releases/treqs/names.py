"""Names for patients who have none: ours, one to a patient."""

from __future__ import annotations

import csv
from pathlib import Path

from taskkit.errors import SourceError, blame

STEP = 7_919  # a prime that divides no count of names: neighbours share neither part


class Names:
    """Gives each patient asked for a name that no other has."""

    def __init__(self, path: Path, seed: int) -> None:
        """Read a table of names, in two columns: `part` (female, male, last) and `name`.

        Raises:
            SourceError: no such table, or a part without names.
        """
        parts: dict[str, list[str]] = {"female": [], "male": [], "last": []}
        with blame(SourceError, str(path)), path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t"):
                parts[row["part"]].append(row["name"])
        if empty := [part for part, names in parts.items() if not names]:
            raise SourceError(f"{path}: no {empty[0]} names: need at least one")
        self._first = {"f": parts["female"], "m": parts["male"]}
        self._last = parts["last"]
        self._count = {"f": seed, "m": seed}
        self._round = {"f": 0, "m": 0}
        self._given: dict[int, str] = {}

    def name(self, subject: int, gender: str) -> str:
        """Give the name of a patient, the same each time; ``gender`` starts with `f` or `m`."""
        if subject not in self._given:
            self._given[subject] = self._next("f" if gender[:1].lower() == "f" else "m")
        return self._given[subject]

    def _next(self, sex: str) -> str:
        """Go through all pairs of first and last name; then again with a middle initial."""
        first, last = self._first[sex], self._last
        size = len(first) * len(last)
        number = self._round[sex]
        self._round[sex] += 1
        place = (self._count[sex] + number * STEP) % size
        again = number // size
        middle = [f"{chr(ord('A') + (again - 1) % 26)}."] * -(-again // 26)
        return " ".join([first[place % len(first)], *middle, last[place // len(first)]])
