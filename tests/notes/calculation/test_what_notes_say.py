"""Notes and questions say all that their answers hang on: cases that once were wrong."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

import pytest
import yaml

from taskkit.calculation.calculators.catalogue import BY_NAME
from taskkit.calculation.studies.study import wordings
from taskkit.notes.calculation.lexicon import lexicon
from taskkit.notes.calculation.medcalc import exercise

DOMAINS = Path(__file__).parents[3] / "domains"
WORDS = lexicon(DOMAINS / "medcalc")
ACCOUNTS = WORDS.accounts


def test_the_weight_asked_for_goes_with_an_index_that_the_note_states() -> None:
    for number in range(10):
        made = exercise(BY_NAME["target_weight"], WORDS, Random(f"target:{number}"))
        assert "goes with the body mass index and the height stated" in made.text
        assert re.search(r"BMI|body mass index", made.text.partition("-----")[2], re.IGNORECASE)
        assert "target" not in made.text


@pytest.mark.parametrize("finding", ["stroke", "heart_failure"])
def test_what_caprini_counts_within_a_month_is_said_to_be_of_days_or_weeks(finding: str) -> None:
    said = ACCOUNTS[finding].present
    assert said
    assert all(re.search(r"\b(?:days|week|weeks)\b", text) for text in said), said


def test_the_hypertension_of_has_bled_is_uncontrolled() -> None:
    said = ACCOUNTS["hypertension"].present
    assert said
    assert all("uncontrolled" in text for text in said), said


def test_every_wording_of_a_correlation_says_that_both_tails_count() -> None:
    texts = wordings(DOMAINS / "npower")["correlation"].texts
    assert len(texts) >= 2
    assert all("both tails" in text for text in texts)


def test_every_wording_of_a_two_sided_plan_says_what_becomes_of_the_far_tail() -> None:
    normal = {"one_proportion", "two_proportions", "correlation", "log_rank", "cox", "mcnemar"}
    for name, wording in wordings(DOMAINS / "npower").items():
        if name in normal:
            for text in wording.texts:
                assert re.search(r"far tail|both tails|side of the effect", text), (name, text)


def test_the_third_turn_on_the_dearest_drug_is_about_charges_of_that_amount() -> None:
    scripts = yaml.safe_load((DOMAINS / "seqsql" / "dialogues" / "cost.yaml").read_text())
    (script,) = (one for one in scripts["dialogues"] if one["id"] == "dearest-drug")
    said = script["turns"][2]["phrasings"]
    assert len(said) == 3
    assert all(re.search(r"that amount|same highest amount", text) for text in said), said
