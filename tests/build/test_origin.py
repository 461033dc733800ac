"""Origins: several candidates of one source name it once."""

from __future__ import annotations

from taskkit.build.origin import Origin


def test_an_origin_that_counts_its_rows_is_one_of_a_set() -> None:
    cohort = Origin("Synthetic", "MIT", "open", "0" * 64, {"events": 12})
    same = Origin("Synthetic", "MIT", "open", "0" * 64, {"events": 12})
    other = Origin("Synthetic", "MIT", "open", "0" * 64, {"events": 13})
    assert list(dict.fromkeys([cohort, same, other])) == [cohort, other]
