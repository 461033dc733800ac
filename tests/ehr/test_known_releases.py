"""A release is known by its people, and open only when known to be."""

from __future__ import annotations

import pytest

from taskkit.ehr.tables.release import CREDENTIALED, Releases, fingerprint
from taskkit.errors import SourceError

PEOPLE = ["1 f", "2 m"]
STAYS = ["1 10 2131-01-01"]
RELEASES = Releases(
    title="Ward", open={fingerprint([*PEOPLE, *STAYS]): "Ward Demo 3"}, full={(3, 1): "9"}
)


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
    people: list[str], name: str, licence: str, access: str
) -> None:
    origin = RELEASES.origin(people, STAYS, "00")
    assert (origin.name, origin.licence, origin.access) == (name, licence, access)
    assert origin.sha256 == "00"


def test_an_open_release_without_all_its_rows_is_told() -> None:
    people, stays = ["1 f 2000"], ["1 10 a b"]
    known = fingerprint([*people, *stays])
    demo = Releases("Toy", {known: "Toy Demo 1"}, {}, {"Toy Demo 1": {"labs": 4}})
    assert demo.origin(people, stays, "0" * 64, {"labs": 4, "other": 9}).name == "Toy Demo 1"
    with pytest.raises(
        SourceError, match=r"table labs: 2 rows, but Toy Demo 1, .* has 4: need its"
    ):
        demo.origin(people, stays, "0" * 64, {"labs": 2})
