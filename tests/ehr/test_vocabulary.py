"""The vocabulary of the synthetic hospital says what it means: a misspelt theme would go unseen."""

from __future__ import annotations

from pathlib import Path

import pytest

from taskkit.ehr.rendering.vocabulary import GENERAL, Lab, Vital, Vocabulary, read_vocabulary


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return read_vocabulary(Path(__file__).parents[2] / "domains" / "mimic" / "vocabulary")


def test_every_theme_is_known(vocabulary: Vocabulary) -> None:
    known = {GENERAL, *vocabulary.themes.items}
    measured: list[Lab | Vital] = [*vocabulary.labs, *vocabulary.vitals]
    named = {
        *(diagnosis.theme for diagnosis in vocabulary.diagnoses),
        *(theme for procedure in vocabulary.procedures for theme in procedure.themes),
        *(theme for panel in vocabulary.panels for theme in panel.themes),
        *(theme for drug in vocabulary.drugs for theme in drug.themes),
        *(theme for volume in vocabulary.volumes for theme in volume.themes),
        *(theme for ward in vocabulary.wards for theme in ward.themes),
        *(theme for item in measured for theme in item.effects),
    }
    assert named == known


def test_every_theme_has_what_is_drawn_from_it(vocabulary: Vocabulary) -> None:
    for theme in vocabulary.themes.items:
        assert any(d.theme == theme and not d.chronic for d in vocabulary.diagnoses), theme
        assert any(theme in p.themes and p.sex == "-" for p in vocabulary.procedures), theme
        assert any(theme in drug.themes for drug in vocabulary.drugs), theme


def test_every_lab_is_in_a_panel(vocabulary: Vocabulary) -> None:
    ordered = {lab.label for panel in vocabulary.panels for lab in panel.labs}
    assert ordered == {lab.label for lab in vocabulary.labs}


def test_every_entry_can_be_drawn(vocabulary: Vocabulary) -> None:
    assert all(d.themes and d.weight > 0 and d.shortest <= d.longest for d in vocabulary.drugs)
    assert all(p.themes and p.weight > 0 for p in vocabulary.procedures)
    assert all(d.weight > 0 for d in vocabulary.diagnoses)
    assert all(v.themes and v.weight > 0 for v in vocabulary.volumes)
    assert all(w.themes and w.weight > 0 for w in vocabulary.wards)
    assert all(s.organisms.items and 0 < s.growth < 1 for s in vocabulary.specimens)
    drawn = {name for specimen in vocabulary.specimens for name in specimen.organisms.items}
    assert len(drawn) == 48


def test_ranges_are_in_order(vocabulary: Vocabulary) -> None:
    for lab in vocabulary.labs:
        assert lab.floor <= lab.low < lab.high <= lab.ceiling, lab.label
    for vital in vocabulary.vitals:
        assert vital.floor < vital.mean < vital.ceiling, vital.label
    for volume in vocabulary.volumes:
        assert volume.floor < volume.mean < volume.ceiling, volume.label


def test_codes_are_icd9(vocabulary: Vocabulary) -> None:
    for diagnosis in vocabulary.diagnoses:
        number = diagnosis.code.removeprefix("v").removeprefix("e")
        assert number.isdecimal(), diagnosis
        assert len(diagnosis.code) in (3, 4, 5), diagnosis
    for procedure in vocabulary.procedures:
        assert procedure.code.isdecimal(), procedure
        assert len(procedure.code) in (3, 4), procedure


def test_it_is_as_large_as_it_says(vocabulary: Vocabulary) -> None:
    assert len(vocabulary.diagnoses) >= 300
    assert len(vocabulary.procedures) >= 150
    assert len(vocabulary.drugs) >= 250
    assert len(vocabulary.labs) >= 90
    assert sum(v.linksto == "inputevents_cv" for v in vocabulary.volumes) >= 80
    assert sum(v.linksto == "outputevents" for v in vocabulary.volumes) >= 45
    assert len({ward.careunit for ward in vocabulary.wards} - {None}) == 6
