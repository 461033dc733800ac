"""What the codes, items and drugs of MIMIC-IV are called, each name in one place only.

Many names are a laboratory test, an infusion and a drug at once, and a question that uses one would
be ambiguous. EHRSQL-2024 keeps each in one table. Its choice is that of a full release, where drugs
occur that the demo has not: hence the names below. All other names stay with the laboratory tests,
else with the inputs, before the drugs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from taskkit.ehr.releases.mimic.events import first_of_each
from taskkit.ehr.tables.column import Cell, Column
from taskkit.ehr.tables.csv_tables import TableFolder
from taskkit.ehr.tables.spool import Row

LINKS = frozenset({"inputevents", "outputevents", "chartevents"})
DRUGS = frozenset({
    "acetaminophen", "amikacin", "d", "digoxin", "gentamicin", "heparin", "insulin", "lidocaine",
    "methotrexate", "phenobarbital", "potassium", "primidone", "procainamide", "progesterone",
    "quinidine", "test", "vancomycin", "zinc",
})  # fmt: skip
INPUTS = frozenset({"factor viii", "fentanyl", "folate"})


@dataclass(frozen=True)
class Names:
    """The dictionaries of a database."""

    entries: Mapping[str, Sequence[Row]]
    """The rows of each dictionary, the code first."""
    known: Mapping[str, frozenset[Cell]]
    """All codes of each dictionary, those included that are not kept."""
    not_drugs: frozenset[Cell]
    """Names that prescriptions do not keep."""

    def codes(self, dictionary: str) -> frozenset[Cell]:
        """Give the codes of a dictionary."""
        return frozenset(entry[0] for entry in self.entries[dictionary])


def read_names(folder: TableFolder, *, one_table: bool) -> Names:
    """Read the dictionaries; with ``one_table``, no name is in two of them."""
    coded = {name: list(_coded(folder, name)) for name in ("d_icd_procedures", "d_icd_diagnoses")}
    procedures, diagnoses = (first_of_each(rows, 1) for rows in coded.values())  # of one title
    columns = (
        Column("itemid", "integer", unique=True),
        Column("label", "text", "skip", blank="null"),
    )
    tests = list(folder.rows("d_labitems", columns))
    said = (Column("abbreviation", "text"), Column("linksto", "text", "skip", among=LINKS))
    items = list(folder.rows("d_items", (*columns, *said)))
    known: Mapping[str, frozenset[Cell]]
    """All codes of each dictionary, those included that are not kept."""
    known = {
        name: frozenset(row[0] for row in rows)
        for name, rows in {**coded, "d_labitems": tests, "d_items": items}.items()
    }
    not_drugs: frozenset[Cell] = frozenset()
    if one_table:
        lab_names = {row[1] for row in tests} - DRUGS - INPUTS
        input_names = {row[1] for row in items if row[3] == "inputevents"} - DRUGS - lab_names
        titles = {title for _, title in procedures}
        diagnoses = [row for row in diagnoses if row[1] not in titles]
        tests = [row for row in tests if row[1] not in DRUGS | INPUTS]
        items = [row for row in items if row[1] not in DRUGS and not _is_test(row, lab_names)]
        not_drugs = frozenset(lab_names | input_names)
    entries = {
        "d_icd_diagnoses": diagnoses,
        "d_icd_procedures": procedures,
        "d_labitems": tests,
        "d_items": items,
    }
    return Names(entries, known, not_drugs)


def _is_test(item: Row, lab_names: Collection[Cell]) -> bool:
    return item[3] == "inputevents" and item[1] in lab_names


def _coded(folder: TableFolder, table: str) -> Iterator[Row]:
    columns = (
        Column("icd_version", "integer", "skip", unique=True),
        Column("icd_code", "text", "skip", unique=True),
        Column("long_title", "text", "skip"),
    )
    for version, code, title in folder.rows(table, columns):
        yield f"icd{version}|{code}", title
