"""What the renderings call things is well formed, and covers all that the hospital does."""

from __future__ import annotations

from pathlib import Path

import pytest

from taskkit.ehr.course.reading import read_catalogue
from taskkit.ehr.rendering.vocabulary import GENERAL, Vital, Vocabulary, Volume, read_vocabulary


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return read_vocabulary(Path(__file__).parents[2] / "domains" / "mimic" / "vocabulary")


def test_it_names_all_that_the_hospital_does(vocabulary: Vocabulary) -> None:
    catalogue = read_catalogue()
    assert {d.code for d in vocabulary.diagnoses} == set(catalogue.conditions)
    assert {p.code for p in vocabulary.procedures} == {p.code for p in catalogue.procedures}
    assert {lab.label for lab in vocabulary.labs} == set(catalogue.analytes)
    volumes = {(volume.label, volume.linksto) for volume in vocabulary.volumes}
    tables = {"in": "inputevents_cv", "out": "outputevents"}
    assert volumes == {(fluid.name, tables[fluid.way]) for fluid in catalogue.fluids}


def test_wards_can_be_drawn(vocabulary: Vocabulary) -> None:
    assert all(ward.themes and ward.weight > 0 for ward in vocabulary.wards)
    assert any(ward.careunit is None and GENERAL in ward.themes for ward in vocabulary.wards)


def test_ranges_are_in_order(vocabulary: Vocabulary) -> None:
    for lab in vocabulary.labs:
        assert lab.floor <= lab.low < lab.high <= lab.ceiling, lab.label
    measured: list[Vital | Volume] = [*vocabulary.vitals, *vocabulary.volumes]
    for item in measured:
        assert item.floor < item.ceiling, item.label
    for fluid in read_catalogue().fluids:
        assert fluid.least < fluid.mean < fluid.most, fluid.name


def test_codes_are_icd9(vocabulary: Vocabulary) -> None:
    for diagnosis in vocabulary.diagnoses:
        number = diagnosis.code.removeprefix("v").removeprefix("e")
        assert number.isdecimal(), diagnosis
        assert len(diagnosis.code) in (3, 4, 5), diagnosis
    for procedure in vocabulary.procedures:
        assert procedure.code.isdecimal(), procedure
        assert len(procedure.code) in (3, 4), procedure


def test_the_hospital_is_as_large_as_it_says(vocabulary: Vocabulary) -> None:
    assert len(vocabulary.diagnoses) >= 300
    assert len(vocabulary.procedures) >= 150
    assert len(read_catalogue().drugs) >= 250
    assert len(read_catalogue().organisms) == 48
    assert len(vocabulary.labs) >= 90
    assert sum(v.linksto == "inputevents_cv" for v in vocabulary.volumes) >= 80
    assert sum(v.linksto == "outputevents" for v in vocabulary.volumes) >= 45
    assert len({ward.careunit for ward in vocabulary.wards} - {None}) == 6
