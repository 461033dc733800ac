"""Sentences that say which findings a patient has and has not, by the part of the note."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from random import Random
from typing import Literal

from taskkit.notes.calculation.lexicon import Lexicon
from taskkit.notes.calculation.patient import Patient
from taskkit.notes.calculation.prose import Prose

Part = Literal["story", "past", "social", "family", "exam", "results", "plan", "medicines"]
MENTIONED = 0.7  # share of what is absent that the note says is absent
PARTS: Mapping[str, Part] = {
    **dict.fromkeys(("melaena", "syncope", "cough_absent", "fever_in_24_hours"), "story"),
    **dict.fromkeys(("cough_and_coryza_absent", "onset_within_3_days", "haemoptysis"), "story"),
    **dict.fromkeys(("bedridden", "immobilised", "recent_surgery", "major_surgery"), "story"),
    **dict.fromkeys(("recent_surgery_or_trauma", "high_risk_surgery", "fracture"), "story"),
    **dict.fromkeys(("recent_major_surgery", "multiple_trauma", "acute_renal_failure"), "story"),
    **dict.fromkeys(("suspicion", "admission"), "story"),
    **dict.fromkeys(("tender_nodes", "tonsil_exudate", "purulent_tonsils"), "exam"),
    **dict.fromkeys(("severe_inflammation", "signs_of_thrombosis", "calf_swelling"), "exam"),
    **dict.fromkeys(("collateral_veins", "whole_leg_swollen", "deep_vein_tenderness"), "exam"),
    **dict.fromkeys(("pitting_oedema", "paralysis_or_plaster", "leg_swelling"), "exam"),
    **dict.fromkeys(("swollen_legs", "varicose_veins", "altered_mental_status"), "exam"),
    **dict.fromkeys(("confusion", "supported", "central_line", "plaster_cast"), "exam"),
    **dict.fromkeys(("eye", "verbal", "motor", "ascites", "encephalopathy", "mobility"), "exam"),
    **dict.fromkeys(("pleural_effusion", "electrocardiogram", "troponin"), "results"),
    **dict.fromkeys(("factor_v_leiden", "prothrombin_20210a", "homocysteine"), "results"),
    **dict.fromkeys(("lupus_anticoagulant", "anticardiolipin"), "results"),
    **dict.fromkeys(("embolism_most_likely", "alternative_as_likely", "surgery"), "plan"),
    **dict.fromkeys(("smoking", "smoker", "nursing_home", "black"), "social"),
    **dict.fromkeys(("treated", "medication", "hormones", "insulin"), "medicines"),
    "family_history": "family",
}
"""Where a finding is said; among past illnesses where there is no entry."""
HAS: Mapping[Part, str] = {"story": "has.illness", "exam": "has.exam", "results": "has.exam"}


def findings(
    patient: Patient, words: Lexicon, prose: Prose, chance: Random
) -> dict[Part, list[str]]:
    """Say each finding that is there, most that are not, and each graded one."""
    said: defaultdict[Part, list[str]] = defaultdict(list)
    there: defaultdict[Part, list[str]] = defaultdict(list)
    missing: defaultdict[Part, list[str]] = defaultdict(list)
    for name, present in found(patient):
        account, part = words.accounts[name], PARTS.get(name, "past")
        if account.present:
            told = chance.choice(account.present if present else account.absent)
            said[part].append(followed(told, prose))
            continue
        phrase = chance.choice(account.phrases)
        if present != account.inverse:
            there[part].append(phrase)
        elif account.inverse or chance.random() < MENTIONED:
            missing[part].append(bare(phrase))
    for name, value in patient.said.items():
        if isinstance(value, str) and name in words.choices:
            told = chance.choice(words.choices[name][value])
            said[PARTS.get(name, "past")].append(followed(told, prose))
    for part, phrases in there.items():
        rule = HAS.get(part, "has.history")
        said[part] += [prose.frame(rule, these=one) for one in grouped(phrases, "and", 3, chance)]
    for part, phrases in missing.items():
        said[part] += [prose.frame("lacks", these=one) for one in grouped(phrases, "or", 4, chance)]
    return said


def found(patient: Patient) -> Iterable[tuple[str, bool]]:
    """Give every finding that the calculator knows, and whether it is there."""
    for item in patient.calculator.inputs:
        said = patient.said.get(item.name)
        if item.kind == "boolean":
            yield item.name, bool(said)
        elif item.kind == "findings":
            assert isinstance(said, frozenset)
            yield from ((name, name in said) for name in item.choices)


def followed(sentence: str, prose: Prose) -> str:
    """Put something that states nothing behind a whole sentence."""
    return sentence.removesuffix(".") + prose.ending("fact")


def bare(phrase: str) -> str:
    """Drop an indefinite article."""
    return phrase.removeprefix("a ").removeprefix("an ")


def grouped(phrases: list[str], word: str, most: int, chance: Random) -> list[str]:
    """Join phrases by several, in an order of chance."""
    left, joined = list(phrases), []
    chance.shuffle(left)
    while left:
        some = [left.pop() for _ in range(min(len(left), chance.randint(1, most)))]
        joined.append(listed(some, word))
    return joined


def listed(parts: Sequence[str], word: str) -> str:
    """Join parts with commas and a last word."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {word} {parts[-1]}"
