"""What every synthetic database shares: patients drawn one by one, rows filed in batches."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Iterable
from hashlib import sha256
from pathlib import Path

from taskkit.build.origin import SYNTHETIC, Origin, Progress
from taskkit.ehr.course.reading import TABLES
from taskkit.ehr.rendering.costs import EventType, Prices
from taskkit.ehr.rendering.identity import MAX_PATIENTS
from taskkit.ehr.tables.database import DatabaseWriter, Value
from taskkit.errors import SourceError, UsageError, blame

BATCH = 20  # patients whose rows are held back, for speed


class Recipe(ABC):
    """Draws patients one after the other and files their rows."""

    def __init__(self, writer: DatabaseWriter, seed: int) -> None:
        """Start with empty tables."""
        self._writer, self._seed = writer, seed
        self._prices = Prices(seed)
        self._rows: defaultdict[str, list[tuple[Value, ...]]] = defaultdict(list)
        self._counts: defaultdict[str, int] = defaultdict(int)

    @abstractmethod
    def add_patient(self, number: int) -> None:
        """Draw a patient, who depends on the seed and the number alone, and file all about them."""

    def flush(self) -> None:
        """Write the rows that are held back."""
        for table, rows in self._rows.items():
            self._writer.insert(table, rows)
            rows.clear()

    def _add(self, table: str, *values: Value) -> int:
        """File a row under the next number, from 0, and give that number."""
        row = self._counts[table]
        self._counts[table] = row + 1
        self._rows[table].append((row, *values))
        return row

    def _charge(
        self,
        key: tuple[Value, ...],
        kind: EventType,
        row: int,
        concept: str | int,
        when: str | None,
    ) -> None:
        self._add("cost", *key, kind, row, when, self._prices.price(kind, concept))


def write_synthetic(
    path: Path,
    title: str,
    schema: Path,
    vocabulary: Iterable[Path],
    start: Callable[[DatabaseWriter], Recipe],
    *,
    patients: int,
    seed: int,
    progress: Progress,
    first: int = 0,
) -> Origin:
    """Write a database of synthetic patients, and say what it is.

    Memory does not grow with the count.

    Args:
        path: The SQLite file to write; appears when complete.
        title: What the database imitates.
        schema: The file schema.sql of a domain; indexes.sql lies beside it.
        vocabulary: The files that the recipe has read, for the digest.
        start: Begins the recipe of patients in an empty database.
        patients: How many, up to `MAX_PATIENTS`.
        seed: What the recipe draws from.
        progress: Told of each hundred patients.
        first: Number of the first patient.

    Raises:
        UsageError: ``patients`` is out of range.
    """
    if not 1 <= patients <= MAX_PATIENTS:
        raise UsageError(f"patients: {patients}: need 1 to {MAX_PATIENTS}")
    with blame(SourceError, str(schema.parent)):
        tables = schema.read_text("utf-8")
        indexes = schema.with_name("indexes.sql").read_text("utf-8")
    with DatabaseWriter(path, tables, indexes) as writer:
        recipe = start(writer)
        for number in range(patients):
            recipe.add_patient(first + number)
            if (number + 1) % BATCH == 0:
                recipe.flush()
            if (number + 1) % 100 == 0 or number + 1 == patients:
                progress("synthetic patients", number + 1, patients)
        recipe.flush()
        writer.finish()
    digest = sha256(f"{patients} {seed}".encode())
    for file in (*vocabulary, schema, *sorted(TABLES.iterdir())):
        digest.update(file.read_bytes())
    name = f"{SYNTHETIC} {title}, {patients} patients, seed {seed}"
    return Origin(name, "Apache-2.0", "open", digest.hexdigest())
