"""A release is known by its people, and open only when known to be."""

from __future__ import annotations

import pytest

from taskkit.ehr.tables.release import CREDENTIALED, Releases, fingerprint

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
