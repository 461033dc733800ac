"""Which release of MIMIC a folder holds, and what may be done with it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from taskkit.build.origin import Origin
from taskkit.ehr.tables.csv_tables import TableFolder
from taskkit.errors import SourceError

CREDENTIALED = "PhysioNet Credentialed Health Data License 1.5.0"


@dataclass(frozen=True)
class Releases:
    """The releases of one database that can be told apart."""

    title: str
    open: Mapping[str, str]
    """Fingerprint to the name of an open release."""
    full: Mapping[tuple[int, int], tuple[str, ...]]
    """Numbers of patients and admissions to the versions of credentialed releases."""
    rows: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Rows of tables, as published, by the name of an open release or the version of a full one."""
    contents: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """How the SHA-256 of the unzipped tables of an open release begin."""

    def origin(
        self,
        patients: Iterable[str],
        admissions: Iterable[str],
        folder: TableFolder,
        left_out: tuple[str, ...] = (),
    ) -> Origin:
        """Name a release by its people; what is not known to be open is credentialed.

        Args:
            patients: A line for each patient of the source.
            admissions: A line for each admission of the source.
            folder: What was read.
            left_out: What of it could not be used, a line each.

        Raises:
            SourceError: it has the people of a release, and not all of its rows, or more.
        """
        people, stays = sorted(patients), sorted(admissions)
        read = folder.digest(), folder.counts
        noted = (*left_out, *folder.notes)
        name = self.open.get(fingerprint([*people, *stays]))
        if name is not None:
            self._version((name,), name, folder)
            changed = self._changed(name, folder)
            said = (f"{table}: not as published, edited or written anew" for table in changed)
            title = f"{name}, changed" if changed else name
            return Origin(title, "ODbL-1.0", "open", *read, (*noted, *said))
        versions = self.full.get((len(people), len(stays)))
        if versions is None:
            title = f"{self.title}, release not recognised"
            noted += tuple(folder.doubts)
        else:
            title = f"{self.title} {self._version(versions, self.title, folder)}"
        return Origin(title, CREDENTIALED, "credentialed", *read, noted)

    def _version(self, versions: Sequence[str], title: str, folder: TableFolder) -> str:
        """Give the version whose tables have the rows that were read."""
        faults = {version: self._faults(version, folder) for version in versions}
        for version, found in faults.items():
            if not found:
                return version
        table, count, known = faults[versions[0]][0]
        named = title if title in versions else f"{title} {versions[0]}"
        raise SourceError(
            f"{folder.paths[table]}: {count:,} rows, but {named}, whose patients these are, has"
            f" {known:,}: need its tables as published"
        )

    def _changed(self, name: str, folder: TableFolder) -> list[str]:
        """Give the tables whose bytes are not those of an open release."""
        return [
            table
            for table, start in self.contents.get(name, {}).items()
            if table in folder.contents
            and table not in folder.excerpts
            and not folder.contents[table].startswith(start)
        ]

    def _faults(self, version: str, folder: TableFolder) -> list[tuple[str, int, int]]:
        """Give the tables that have other numbers of rows than a version, with both."""
        known = self.rows.get(version, {})
        return [
            (table, count, known[table])
            for table, count in sorted(folder.counts.items())
            if table not in folder.excerpts and known.get(table, count) != count
        ]


def fingerprint(lines: Iterable[str]) -> str:
    """Digest lines; the same for a release however its files are written."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
