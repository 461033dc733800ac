"""The synthetic studies have the structure that questions ask for, and cBioPortal's oddities."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from lifelines.statistics import logrank_test  # type: ignore[import-untyped]

from taskkit.analysis.publication import publish
from taskkit.analysis.recipe import Recipe
from taskkit.analysis.recipes import BREAST, COLON, GLIOMA, LUNG, RECIPES
from taskkit.analysis.tumour import MEGABASES


def read(folder: Path, recipe: Recipe, table: str) -> pd.DataFrame:
    text = recipe.layout.suffix == "txt"
    skip = 4 if text and table.startswith("clinical") else 2 if text and table == "mutations" else 0
    path = folder / recipe.file(table)
    missing = ["[Not Available]"]
    return pd.read_csv(path, sep="\t" if text else ",", skiprows=skip, na_values=missing)


def test_a_study_has_the_same_bytes_twice_and_others_by_another_seed(
    studies: Path, tmp_path: Path
) -> None:
    made = publish(LUNG, tmp_path, 0)
    assert all(path.read_bytes() == (studies / name).read_bytes() for name, path in made.items())
    other = publish(LUNG, tmp_path, 1)
    assert not any(p.read_bytes() == (studies / name).read_bytes() for name, p in other.items())


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_shares_and_genes_of_a_recipe_are_sound(recipe: Recipe) -> None:
    assert sum(subtype.share for subtype in recipe.subtypes) == pytest.approx(1)
    assert sum(share for _, _, share in recipe.histologies) == pytest.approx(1)
    widths = {len(one.shares) for one in recipe.drivers} | {len(o.shares) for o in recipe.copies}
    assert widths == {len(recipe.subtypes)}


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_the_published_burden_is_that_of_the_mutation_table(recipe: Recipe, studies: Path) -> None:
    calls = read(studies, recipe, "mutations").drop_duplicates()
    counted = calls["Mutation_Status"].eq("SOMATIC")
    counted &= ~calls["Variant_Classification"].isin(["Silent", "5'Flank"])
    counts = calls[counted]["Tumor_Sample_Barcode"].value_counts()
    samples = read(studies, recipe, "clinical_sample").set_index("SAMPLE_ID")
    known = samples[recipe.layout.burden].dropna()
    again = counts.reindex(known.index, fill_value=0) / MEGABASES
    assert np.allclose(again, known, atol=1e-8)


def test_survival_follows_the_subtype(studies: Path) -> None:
    people = read(studies, GLIOMA, "clinical_patient").dropna(subset=["OS_MONTHS"])
    samples = read(studies, GLIOMA, "clinical_sample").drop_duplicates("PATIENT_ID")
    joined = people.merge(samples, on="PATIENT_ID")
    wild = joined["IDH_1P19Q_SUBTYPE"] == "IDH-wildtype"
    died = joined["OS_STATUS"].str.contains("DECEASED")
    months = joined["OS_MONTHS"]
    assert months[wild].median() < months[~wild].median()
    assert logrank_test(months[wild], months[~wild], died[wild], died[~wild]).p_value < 1e-6


def test_drivers_follow_the_subtype(studies: Path) -> None:
    samples = read(studies, COLON, "clinical_sample")
    calls = read(studies, COLON, "mutations")
    hit = samples["SAMPLE_ID"].isin(
        calls.loc[calls["Hugo_Symbol"] == "BRAF", "Tumor_Sample_Barcode"]
    )
    share = hit.groupby(samples["SUBTYPE"]).mean()
    assert share["CMS1"] > 0.3 > share["CMS2"]


def test_amplification_raises_expression(studies: Path) -> None:
    levels = read(studies, BREAST, "cna").set_index("Hugo_Symbol").loc["ERBB2"].iloc[1:]
    values = read(studies, BREAST, "mrna_seq_rsem").set_index("Hugo_Symbol").loc["ERBB2"].iloc[1:]
    both = pd.concat([levels, values], axis=1, keys=["level", "value"]).dropna()
    high = both["level"] == 2
    assert both["value"][high].median() > 2 * both["value"][~high].median()


def test_tables_are_as_odd_as_published_ones(studies: Path) -> None:
    patients = (studies / LUNG.file("clinical_patient")).read_text("utf-8").splitlines()
    assert [line[0] for line in patients[:5]] == ["#", "#", "#", "#", "P"]
    calls = (studies / LUNG.file("mutations")).read_text("utf-8").splitlines()
    assert calls[0] == "#version 2.4"
    assert calls[1].startswith("#sequenced_samples: TLA-")
    assert "TLA." in (studies / LUNG.file("cna")).read_text("utf-8").splitlines()[0]
    samples = read(studies, LUNG, "clinical_sample")
    people = read(studies, LUNG, "clinical_patient")
    assert (~samples["PATIENT_ID"].isin(people["PATIENT_ID"])).sum() == 2
    assert samples["BIOPSY_SITE"].str.contains("#").any()
    table = read(studies, LUNG, "mutations")
    assert table.duplicated().any()
    assert "TLA-CONTROL-N01" in set(table["Tumor_Sample_Barcode"])
    assert people["AGE_AT_DIAGNOSIS"].isna().any()
