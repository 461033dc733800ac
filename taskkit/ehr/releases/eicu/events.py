"""How the events of eICU are read: minutes from the start of a unit stay, paths as names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from taskkit.ehr.releases.eicu.cohort import LONGEST, Cohort, written
from taskkit.ehr.tables.column import Cell, Column
from taskkit.ehr.tables.csv_tables import TableFolder
from taskkit.ehr.tables.spool import Row
from taskkit.errors import SourceError

UNIT = "labmeasurenamesystem"
OWN = 4  # unit stay, patient, hospital stay and time stand first in a row
KINDS = ("|intake (ml)|", "|output (ml)|")  # parts of the paths of volumes
SUFFIXES = (" intake", " output")
VITALS = ("sao2", "heartrate", "respiration", "systemicsystolic", "systemicdiastolic")


class Events:
    """The events of a cohort; rows begin with unit stay, patient, hospital stay and time."""

    def __init__(self, folder: TableFolder, cohort: Cohort) -> None:
        """Read nothing yet."""
        self._folder = folder
        self._cohort = cohort
        self.left_out: tuple[str, ...] = ()
        """What of the tables read so far was left out, a line each."""
        self._unit = Column("patientunitstayid", "integer", among=frozenset(cohort.starts))

    def rows(self, table: str, offset: str, columns: Sequence[Column]) -> Iterator[Row]:
        """Give a table's wanted columns after the time."""
        starts, keys = self._cohort.starts, self._cohort.keys
        wanted = (self._unit, Column(offset, "integer", "skip"), *columns)
        for unit, minutes, *said in self._folder.rows(table, wanted):
            assert isinstance(unit, int)
            assert isinstance(minutes, int)
            if abs(minutes) > LONGEST:
                raise SourceError(
                    f"{self._folder.paths[table]}: patientunitstayid {unit}: {offset} {minutes}:"
                    f" need minutes from the stay's start, {LONGEST:,} at most"
                )
            yield unit, *keys[unit], written(starts[unit] + minutes), *said

    def named(self, table: str, columns: Sequence[Column] = (), *, one_path: bool) -> Iterator[Row]:
        """Give diagnoses or treatments, named by the third and fourth step of their path.

        Args:
            table: `diagnosis` or `treatment`.
            columns: What is wanted after the name.
            one_path: Of a name that several paths lead to, keep the most frequent path only,
                counted over the whole release.
        """
        path = Column(f"{table}string", "text", "skip")
        usual = self._usual(table, path) if one_path else {}
        for row in self.rows(table, f"{table}offset", (path, *columns)):
            parent, name = _split(str(row[OWN]))
            if name and usual.get(name, parent) == parent:
                yield *row[:OWN], name, *row[OWN + 1 :]

    def _usual(self, table: str, path: Column) -> dict[str, str]:
        counts: dict[str, Counter[str]] = {}
        for (string,) in self._folder.rows(table, (path,)):
            parent, name = _split(str(string))
            counts.setdefault(name, Counter())[parent] += 1
        return {name: parents.most_common(1)[0][0] for name, parents in counts.items()}

    def labs(self) -> Iterator[Row]:
        """Give results that are numbers, those of one test in one unit."""
        name, value = Column("labname", "text", "skip"), Column("labresult", "number", "skip")
        if not self._folder.has("lab", UNIT):
            yield from self.rows("lab", "labresultoffset", (name, value))
            return
        unit = Column(UNIT, "text", "null")
        usual = self._one_unit(name, value, unit)
        for *row, given in self.rows("lab", "labresultoffset", (name, value, unit)):
            if given is None or usual.get(row[OWN], given) == given:
                yield tuple(row)

    def _one_unit(self, name: Column, value: Column, unit: Column) -> dict[Cell, Cell]:
        """Give the unit of each test that comes in several: the most frequent one.

        The database has no column for it, so that results in the others are left out.
        """
        counts: dict[Cell, Counter[Cell]] = {}
        for test, _, given in self._folder.rows("lab", (name, value, unit)):
            if given is not None:
                counts.setdefault(test, Counter())[given] += 1
        several = {test: found for test, found in counts.items() if len(found) > 1}
        usual = {
            test: min(found, key=lambda u: (-found[u], str(u))) for test, found in several.items()
        }
        self.left_out += tuple(
            f"lab: {several[test].total() - several[test][kept]:,} results of {test!r} in another"
            f" unit than {kept}, which {several[test][kept]:,} are in"
            for test, kept in usual.items()
        )
        return usual

    def orders(self) -> Iterator[Row]:
        """Give drug orders that were not cancelled, and say what, how much and how."""
        columns = (
            Column("drugstopoffset", "integer", "null"),
            Column("drugname", "text", "skip"),
            Column("dosage", "text", "skip"),
            Column("routeadmin", "text", "skip"),
            Column("drugordercancelled", "text", "skip", among=frozenset({"no"})),
        )
        for unit, person, stay, start, stop, *said, _ in self.rows(
            "medication", "drugstartoffset", columns
        ):
            assert isinstance(unit, int)
            far = stop is not None and abs(int(stop)) > LONGEST  # such as an order without end
            end = None if stop is None or far else written(self._cohort.starts[unit] + int(stop))
            yield unit, person, stay, start, end, *said

    def allergies(self) -> Iterator[Row]:
        """Give allergies; only those to drugs have a drug's name."""
        drug = Column("drugname", "text", "null")
        return self.rows("allergy", "allergyoffset", (drug, Column("allergyname", "text", "skip")))

    def volumes(self) -> Iterator[Row]:
        """Give what went in or came out in ml; a label does not repeat which of the two."""
        columns = (
            Column("cellpath", "text", "skip"),
            Column("celllabel", "text", "skip"),
            Column("cellvaluenumeric", "number", "skip"),
        )
        for *own, path, label, value in self.rows("intakeoutput", "intakeoutputoffset", columns):
            if any(kind in str(path) for kind in KINDS):
                name = str(label)
                for suffix in SUFFIXES:
                    name = name.removesuffix(suffix)
                yield *own, path, name, value

    def cultures(self) -> Iterator[Row]:
        """Give cultures, once for each organism; the release has a row for each antibiotic."""
        columns = (Column("culturesite", "text", "skip"), Column("organism", "text", "skip"))
        return _once(self.rows("microlab", "culturetakenoffset", columns))

    def vitals(self) -> Iterator[Row]:
        """Give vital signs of the monitor."""
        columns = (
            Column("temperature", "number", "null"),
            *(Column(name, "integer", "null") for name in (*VITALS, "systemicmean")),
        )
        return self.rows("vitalperiodic", "observationoffset", columns)


def _split(path: str) -> tuple[str, str]:
    """Give the first two steps of a path, and the name made of the next two."""
    steps = path.split("|")
    return "|".join(steps[:2]), " - ".join(step.strip() for step in steps[2:4])


def _once(rows: Iterable[Row]) -> Iterator[Row]:
    seen: set[tuple[Cell, ...]] = set()
    for row in rows:
        if row not in seen:
            seen.add(row)
            yield row
