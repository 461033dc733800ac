"""Values are permuted only where the user asks for it, and then the agent is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from taskkit.build.protocol import Request
from taskkit.builders.ehrcon import EhrconOptions
from taskkit.builders.eicu import EicuBuildOptions
from taskkit.builders.mimic import MimicBuilder, MimicBuildOptions
from taskkit.builders.mimic_iv import MimicIvBuildOptions
from taskkit.ehr.releases.shuffling import SHUFFLED, shuffling
from taskkit.errors import UsageError
from taskkit.sql.clinical import TITLE, Plan
from taskkit.sql.site import Site
from tests.ehr.small_release import DOMAINS, mimic_iii, write


@pytest.mark.parametrize(
    "options", [MimicBuildOptions, MimicIvBuildOptions, EicuBuildOptions, EhrconOptions]
)
def test_nothing_is_permuted_unasked(options: type[MimicBuildOptions], tmp_path: Path) -> None:
    assert not options().shuffle_values
    assert shuffling(options(), tmp_path) == ""


class Unplanned(MimicBuilder):
    """Makes the database, and asks nothing."""

    def _bank(self, site: Site, request: Request) -> Plan:
        return Plan(())


@pytest.mark.parametrize("shuffled", [False, True])
def test_the_document_says_that_values_were_permuted(tmp_path: Path, *, shuffled: bool) -> None:
    options = MimicBuildOptions(shuffle_values=shuffled, shift_times=False, stay_percentile=None)
    source = write(tmp_path / "release", mimic_iii())
    (tmp_path / "work").mkdir()
    request = Request(DOMAINS / "mimic", options, tmp_path / "work", source)
    text = Unplanned().prepare(request).documents[TITLE]
    assert text.endswith(SHUFFLED) == shuffled
    assert ("permuted over the patients" in text) == shuffled


def test_only_tables_are_permuted(tmp_path: Path) -> None:
    options = MimicBuildOptions(shuffle_values=True)
    file = tmp_path / "one.sqlite"
    file.write_bytes(b"")
    for source in (None, file):
        with pytest.raises(UsageError, match=r"^--shuffle-values: need --source FOLDER"):
            shuffling(options, source)
