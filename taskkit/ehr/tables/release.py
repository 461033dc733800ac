"""Which release of MIMIC a folder holds, and what may be done with it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from taskkit.build.origin import Origin
from taskkit.errors import SourceError

CREDENTIALED = "PhysioNet Credentialed Health Data License 1.5.0"


@dataclass(frozen=True)
class Releases:
    """The releases of one database that can be told apart."""

    title: str
    open: Mapping[str, str]
    """Fingerprint to the name of an open release."""
    full: Mapping[tuple[int, int], str]
    """Numbers of patients and admissions to the version of a credentialed release."""
    rows: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Rows of the tables of the open releases, as published, by the names of these."""

    def origin(
        self,
        patients: Iterable[str],
        admissions: Iterable[str],
        sha256: str,
        counts: Mapping[str, int] | None = None,
        left_out: tuple[str, ...] = (),
    ) -> Origin:
        """Name a release by its people; what is not known to be open is credentialed.

        Args:
            patients: A line for each patient of the source.
            admissions: A line for each admission of the source.
            sha256: Digest of all that was read.
            counts: Rows of each table that was read.
            left_out: What of it could not be used, a line each.

        Raises:
            SourceError: it has the people of an open release, and not all of its rows, or more.
        """
        rows = counts or {}
        people, stays = sorted(patients), sorted(admissions)
        name = self.open.get(fingerprint([*people, *stays]))
        if name is not None:
            self._check_rows(name, rows)
            return Origin(name, "ODbL-1.0", "open", sha256, rows, left_out)
        version = self.full.get((len(people), len(stays)))
        known = f"{self.title} {version}" if version else f"{self.title}, release not recognised"
        return Origin(known, CREDENTIALED, "credentialed", sha256, rows, left_out)

    def _check_rows(self, name: str, counts: Mapping[str, int]) -> None:
        known = self.rows.get(name, {})
        for table, count in sorted(counts.items()):
            if known.get(table, count) != count:
                raise SourceError(
                    f"table {table}: {count:,} rows, but {name}, whose patients these are, has"
                    f" {known[table]:,}: need its tables as published"
                )


def fingerprint(lines: Iterable[str]) -> str:
    """Digest lines; the same for a release however its files are written."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
