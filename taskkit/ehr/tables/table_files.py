"""The files of a folder that hold its tables: one for each, whole, whatever its name's case."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from taskkit.errors import SourceError

SUBFOLDERS = ("core", "hosp", "icu")  # MIMIC-IV keeps its modules apart
CSV = r"\.csv(\.gz)?"
NUMBER = r"[ ._-]?\(?(part|chunk|split|shard)?[ ._-]?\d+([ ._-]?of[ ._-]?\d+)?\)?"
LETTERS = r"[._-]a[a-z]"  # what `split` adds
PART = re.compile(rf"({NUMBER}|{LETTERS}){CSV}|{CSV}({NUMBER}|{LETTERS})")
"""What the name of a part adds to the table's: `.0.csv`, `_2.csv.gz`, `.csv.001`, `.csv.aa`."""
EXCERPT = re.compile(rf"\.[^/]+{CSV}")
"""What the name of a file with some rows of a table adds: `.9items.csv.gz`."""
UNFINISHED = re.compile(rf"{CSV}\.(aria2|crdownload|download|filepart|part|partial|tmp)")
"""What programs add to the name of a file that they have not copied to its end."""
FORMS = re.compile(
    r"(\.csv)?\.(7z|arrow|bz2|dta|feather|json|jsonl|lz4|ndjson|orc|parquet|rar|sas7bdat|tab|tar"
    r"|tgz|tsv|xlsx?|xz|zip|zst)"
)
"""What the name of a table in another form adds."""


@dataclass(frozen=True)
class Found:
    """The files of tables."""

    paths: dict[str, Path]
    """By the table's name in lower case."""
    excerpts: frozenset[str]
    """The tables whose file says in its name that it has some of the rows."""


def find(folder: Path, needed: Sequence[str], optional: Sequence[str]) -> Found:
    """Find the one file of each table; a needed table without one is an error.

    Args:
        folder: Holds the tables, in it or in its folders `core`, `hosp` and `icu`.
        needed: Tables by their names in lower case.
        optional: Tables that may be absent, but not stand there in another form.

    Raises:
        SourceError: names the tables that are missing, in parts, in several files or no files.
        OSError: the folder cannot be read.
    """
    named = sorted((file.name.lower(), file) for place in _places(folder) for file in place)
    if not any(re.search(CSV, name) for name, _ in named) and (below := _below(folder)):
        raise SourceError(f"{folder}: no tables, but {below} has some: give that folder")
    paths, excerpts, missing = {}, set(), []
    for table in (*needed, *optional):
        files = [(n.removeprefix(table), file) for n, file in named if n.startswith(table)]
        held = _held(folder, table, files)
        if held:
            paths[table] = _regular(held[0])
            if not re.fullmatch(CSV, held[0].name.lower().removeprefix(table)):
                excerpts.add(table)
            continue
        forms = [file for rest, file in files if not rest[:1].isalpha()]
        if table in needed:
            missing.append(f"{table}.csv[.gz]{_hint(folder, forms)}")
        elif other := [
            f for rest, f in files if FORMS.fullmatch(rest) or UNFINISHED.fullmatch(rest)
        ]:
            shown = f"{table}.csv[.gz]{_hint(folder, other)}"
            raise SourceError(f"{folder}: no {shown}: need it as CSV, or not in this folder")
    if missing:
        these = "this table" if len(missing) == 1 else "these tables"
        raise SourceError(f"{folder}: no {', '.join(missing)}: need {these} besides the others")
    return Found(paths, frozenset(excerpts))


def _held(folder: Path, table: str, files: Sequence[tuple[str, Path]]) -> list[Path]:
    """Give the file of a table, if there is one.

    Args:
        folder: What messages name.
        table: Its name.
        files: What the name of each file adds to it.
    """
    exact = [file for rest, file in files if re.fullmatch(CSV, rest)]
    parts = [file for rest, file in files if PART.fullmatch(rest)]
    held = [*exact, *parts] or [file for rest, file in files if EXCERPT.fullmatch(rest)]
    for rest, file in files if exact else ():
        if UNFINISHED.fullmatch(rest):
            raise SourceError(f"{file}: table {table} is not copied to its end: need it whole")
        if FORMS.fullmatch(rest):
            held.append(file)
    if len(held) > 1 or parts:
        named = _listed(folder, held)
        count = f"{len(held)} files: {named}" if len(held) > 1 else f"parts, such as {named}"
        raise SourceError(f"{folder}: table {table} stands in {count}: need one, whole")
    return held


def _hint(folder: Path, files: Sequence[Path]) -> str:
    return f" (there is {_listed(folder, files[:2])})" if files else ""


def _listed(folder: Path, files: Iterable[Path]) -> str:
    return ", ".join(str(file.relative_to(folder)) for file in files)


def _regular(file: Path) -> Path:
    """Give back a file of a known size, which reading will come to the end of."""
    mode = file.stat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):  # a folder is told where it is opened
        raise SourceError(f"{file}: no regular file: need one that can be read to its end")
    return file


def _places(folder: Path) -> Iterator[Iterator[Path]]:
    yield folder.iterdir()
    for place in modules(folder):
        yield place.iterdir()


def modules(folder: Path) -> list[Path]:
    """Give the folders in a folder that hold some of its tables."""
    return sorted(p for p in folder.iterdir() if p.name.lower() in SUBFOLDERS and p.is_dir())


def _below(folder: Path) -> Path | None:
    """Give a folder deeper down that has tables, such as `wget -r` leaves."""
    for depth in range(1, 6):
        for path in sorted(folder.glob("/".join(["*"] * depth) + "/*.csv*")):
            return path.parent.parent if path.parent.name in SUBFOLDERS else path.parent
    return None
