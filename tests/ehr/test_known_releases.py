"""A release is known by its people, and open only when known to be."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path

import pytest

from taskkit.ehr.tables.column import Column
from taskkit.ehr.tables.csv_tables import TableFolder
from taskkit.ehr.tables.release import CREDENTIALED, Releases, fingerprint
from taskkit.errors import SourceError

PEOPLE = ["1 f", "2 m"]
STAYS = ["1 10 2131-01-01"]
RELEASES = Releases(
    title="Ward", open={fingerprint([*PEOPLE, *STAYS]): "Ward Demo 3"}, full={(3, 1): ("9",)}
)


def folder_of(place: Path, rows: int, name: str = "labs.csv") -> TableFolder:
    """A folder whose one table has been read."""
    (place / name).write_text("label\n" + "".join(f"{n}\n" for n in range(rows)))
    folder = TableFolder(place, ["labs"])
    assert len(list(folder.rows("labs", [Column("label", "text")]))) == rows
    return folder


@pytest.mark.parametrize(
    ("people", "name", "licence", "access"),
    [
        (PEOPLE[::-1], "Ward Demo 3", "ODbL-1.0", "open"),
        ([*PEOPLE, "3 f"], "Ward 9", CREDENTIALED, "credentialed"),
        (["1 f"], "Ward, release not recognised", CREDENTIALED, "credentialed"),
        (["1 f", "2 f"], "Ward, release not recognised", CREDENTIALED, "credentialed"),
    ],
)
def test_a_release_is_known_by_its_people(
    tmp_path: Path, people: list[str], name: str, licence: str, access: str
) -> None:
    folder = folder_of(tmp_path, 2)
    origin = RELEASES.origin(people, STAYS, folder)
    assert (origin.name, origin.licence, origin.access) == (name, licence, access)
    assert origin.sha256 == folder.digest()
    assert origin.rows == {"labs": 2}


DEMO = fingerprint([*PEOPLE, *STAYS])
COUNTED = Releases(
    title="Ward",
    open={DEMO: "Ward Demo 3"},
    full={(3, 1): ("9", "8")},
    rows={"Ward Demo 3": {"labs": 4}, "9": {"labs": 40}, "8": {"labs": 39}},
)


def test_an_open_release_without_all_its_rows_is_told(tmp_path: Path) -> None:
    assert COUNTED.origin(PEOPLE, STAYS, folder_of(tmp_path, 4)).name == "Ward Demo 3"
    with pytest.raises(
        SourceError, match=r"labs\.csv: 2 rows, but Ward Demo 3, .* has 4: need its"
    ):
        COUNTED.origin(PEOPLE, STAYS, folder_of(tmp_path, 2))


def test_a_full_release_is_told_by_the_rows_of_its_tables(tmp_path: Path) -> None:
    people = [*PEOPLE, "3 f"]
    assert COUNTED.origin(people, STAYS, folder_of(tmp_path, 40)).name == "Ward 9"
    assert COUNTED.origin(people, STAYS, folder_of(tmp_path, 39)).name == "Ward 8"
    with pytest.raises(SourceError, match=r"labs\.csv: 20 rows, but Ward 9, .* has 40: need its"):
        COUNTED.origin(people, STAYS, folder_of(tmp_path, 20))


def test_a_file_that_says_it_is_an_excerpt_is_noted_and_not_counted(tmp_path: Path) -> None:
    origin = COUNTED.origin(PEOPLE, STAYS, folder_of(tmp_path, 2, "labs.2items.csv"))
    assert origin.left_out == ("labs: rows of labs.2items.csv alone",)


def test_an_open_release_with_an_altered_value_is_said_to_be_changed(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, 4)
    start = folder.contents["labs"][:16]
    as_published = replace(COUNTED, contents={"Ward Demo 3": {"labs": start}})
    assert as_published.origin(PEOPLE, STAYS, folder).name == "Ward Demo 3"
    (tmp_path / "labs.csv.gz").write_bytes(gzip.compress((tmp_path / "labs.csv").read_bytes()))
    (tmp_path / "labs.csv").unlink()
    zipped = TableFolder(tmp_path, ["labs"])
    assert len(list(zipped.rows("labs", [Column("label", "text")]))) == 4
    assert as_published.origin(PEOPLE, STAYS, zipped).left_out == ()
    origin = replace(COUNTED, contents={"Ward Demo 3": {"labs": "0" * 16}}).origin(
        PEOPLE, STAYS, zipped
    )
    assert (origin.name, origin.access) == ("Ward Demo 3, changed", "open")
    assert origin.left_out == ("labs: not as published, edited or written anew",)
