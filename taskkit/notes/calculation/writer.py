"""Write the note of a sampled patient: a visit or a stay, with every input said once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

from taskkit.notes.calculation.findings import Part, findings
from taskkit.notes.calculation.lexicon import Lexicon
from taskkit.notes.calculation.patient import Patient
from taskkit.notes.calculation.prose import Frame, Prose, Setting
from taskkit.notes.calculation.values import earlier, medicines, on, periods, values

LEAST = 315  # words of a note
ROUNDS = 30  # of sentences that are added to a note that is shorter
UNIT = ("apache_ii", "sofa", "glasgow_coma")
MATERNITY = ("due_date", "conception_date", "gestational_age")
WARD = (
    *("caprini", "free_water_deficit", "sirs", "pneumonia_severity", "meld_na", "child_pugh"),
    *("fractional_excretion_of_sodium", "anion_gap", "delta_gap", "delta_ratio", "curb65"),
    *("albumin_corrected_anion_gap", "albumin_corrected_delta_gap", "wells_embolism", "perc"),
    *("albumin_corrected_delta_ratio", "glasgow_blatchford", "revised_cardiac_risk"),
    *("serum_osmolality", "corrected_sodium", "wells_thrombosis", "heart_score"),
)
THEMES: Mapping[str, str] = {
    **dict.fromkeys(("creatinine_clearance", "ckd_epi_2021", "mdrd"), "renal"),
    **dict.fromkeys(("fractional_excretion_of_sodium", "free_water_deficit"), "renal"),
    **dict.fromkeys(("child_pugh", "meld_na", "fib4"), "liver"),
    **dict.fromkeys(("wells_embolism", "perc", "curb65", "pneumonia_severity"), "respiratory"),
    **dict.fromkeys(("homa_ir", "corrected_sodium", "serum_osmolality"), "endocrine"),
    **dict.fromkeys(("heart_score", "cha2ds2_vasc", "revised_cardiac_risk"), "cardiac"),
    **dict.fromkeys(("qtc_bazett", "qtc_fridericia", "qtc_framingham"), "cardiac"),
    **dict.fromkeys(("qtc_hodges", "qtc_rautaharju", "framingham_hard_chd"), "cardiac"),
    **dict.fromkeys(("glasgow_coma", "has_bled"), "neuro"),
    **dict.fromkeys(("sirs", "apache_ii", "sofa"), "infection"),
    "glasgow_blatchford": "gastro",
    "morphine_equivalents": "oncology",
    "wells_thrombosis": "blood",
}
TITLES: Mapping[str, tuple[str, ...]] = {
    "story": ("History of present illness", "HPI", "HISTORY", "Present illness"),
    "past": ("Past medical history", "PMH", "PAST HISTORY", "Problem list"),
    "medicines": ("Medications", "MEDICATIONS", "Current medicines"),
    "allergies": ("Allergies", "ALLERGIES"),
    "social": ("Social history", "SOCIAL HISTORY", "SHx"),
    "family": ("Family history", "FAMILY HISTORY", "FHx"),
    "exam": ("Physical examination", "EXAMINATION", "Exam", "Objective"),
    "results": ("Results", "DATA", "Studies", "Laboratory data and studies"),
    "plan": ("Assessment and plan", "A/P", "ASSESSMENT", "Impression and plan"),
}
LINES = ("past", "medicines", "exam", "results")  # sections of a line for each sentence
FILLED: Mapping[Setting, Mapping[str, Sequence[str]]] = {
    "clinic": {
        "story": ("hpi.story@", "hpi.more@general", "hpi.more@general", "hpi.denial"),
        "past": ("pmh@general",) * 4,
        "medicines": ("home_medication",) * 4,
        "allergies": ("allergies",),
        "social": ("social.home", "social.work", "social.habits", "visit.life"),
        "family": ("family",),
        "exam": ("exam.general", "exam.heent", "exam.heart", "exam.lungs", "exam.abdomen"),
        "plan": ("visit.impression", "visit.plan", "visit.plan", "visit.admin", "followup"),
    },
    "ward": {
        "story": ("hpi.more@general", "hpi.denial", "hpi.arrival", "hpi.close"),
        "past": ("pmh@general",) * 3,
        "medicines": ("home_medication",) * 3,
        "allergies": ("allergies",),
        "social": ("social.home", "social.work", "social.habits"),
        "family": ("family",),
        "exam": ("exam.general", "exam.neck", "exam.lungs", "exam.abdomen", "exam.skin"),
        "results": ("imaging@", "ekg"),
        "plan": ("course.turn@general", "overnight.more", "visit.impression", "visit.plan"),
    },
    "unit": {
        "story": ("visit.story", "visit.story", "hpi.arrival"),
        "past": ("pmh@general",) * 3,
        "allergies": ("allergies",),
        "exam": ("exam.abdomen", "exam.skin", "exam.heent", "exam.extremities"),
        "results": ("imaging@", "ekg"),
        "plan": ("overnight.more", "overnight.more", "visit.impression", "visit.plan"),
    },
    "maternity": {
        "story": ("visit.story", "maternity.past", "maternity.past"),
        "past": ("pmh@general",) * 2,
        "medicines": ("maternity.past",),
        "allergies": ("allergies",),
        "social": ("social.work", "visit.life", "social.habits"),
        "family": ("family",),
        "exam": ("exam.heart", "exam.lungs", "exam.skin", "exam.neck"),
        "plan": ("visit.impression", "visit.plan", "visit.plan", "visit.admin"),
    },
    "child": {
        "story": ("child.story", "child.story", "child.story"),
        "past": ("child.past",) * 3,
        "social": ("child.life", "child.life"),
        "exam": ("child.exam",) * 3,
        "plan": ("visit.impression", "visit.plan", "visit.plan", "visit.admin"),
    },
}
"""Rules whose sentences state no input, by section."""
SPARE: Mapping[Setting, Sequence[tuple[str, str]]] = {
    "clinic": (
        ("story", "hpi.more@general"),
        ("exam", "exam.extremities"),
        ("social", "visit.life"),
        ("exam", "exam.neuro"),
        ("plan", "visit.plan"),
    ),
    "ward": (
        ("story", "hpi.more@general"),
        ("exam", "exam.extremities"),
        ("plan", "visit.plan"),
        ("story", "hpi.denial"),
        ("plan", "followup"),
    ),
    "unit": (("plan", "visit.plan"), ("exam", "exam.neck"), ("plan", "course.turn@general")),
    "maternity": (("social", "visit.life"), ("plan", "visit.plan"), ("exam", "exam.heent")),
    "child": (
        ("story", "child.story"),
        ("social", "child.life"),
        ("exam", "child.exam"),
        ("past", "child.past"),
    ),
}
"""Section and rule of what is added to a note that is too short, before what fits every note."""
ALWAYS = (("plan", "visit.admin"), ("plan", "visit.plan"))


def write(patient: Patient, words: Lexicon, chance: Random) -> str:
    """Write a note that says every input of the patient, once."""
    frame = framed(patient, chance)
    prose = Prose.begin(patient, words, frame, f"{chance.random()}")
    parts = stated(patient, words, prose, chance)
    for name, rules in FILLED[frame.setting].items():
        for rule in rules:
            mix(parts[name], prose.silent(rule), chance)
    lengthen(parts, frame.setting, prose, chance)
    parts["story"].insert(0, opening(frame, prose))
    title = prose.frame(f"title.{frame.setting}")
    head = f"{title} - {on(patient.today, chance)}"
    bodies = [section(name, said, chance) for name, said in parts.items() if said]
    return "\n\n".join([head, *bodies])


def framed(patient: Patient, chance: Random) -> Frame:
    """Choose where the patient is seen."""
    name = patient.calculator.name
    theme = THEMES.get(name, "general")
    if patient.age < 18:
        return Frame("child", "general")
    if name in MATERNITY:
        return Frame("maternity", "general")
    if name in UNIT:
        return Frame("unit", theme)
    return Frame("ward" if name in WARD or chance.random() < 0.3 else "clinic", theme)


def stated(patient: Patient, words: Lexicon, prose: Prose, chance: Random) -> dict[str, list[str]]:
    """Give what states the inputs, by section; the order of sections is the note's."""
    parts: dict[str, list[str]] = {name: [] for name in TITLES}
    said: dict[Part, list[str]] = findings(patient, words, prose, chance)
    for part, told in said.items():
        mix(parts[part], told, chance)
    measured = values(patient, words, prose, chance)
    parts["exam"] = measured.get("exam", []) + parts["exam"]
    for group in ("lab", "gas", "infusion", "tracing"):
        mix(parts["results"], measured.get(group, []), chance)
    mix(parts["social"], measured.get("habit", []), chance)
    mix(parts["medicines"], medicines(patient, prose, chance), chance)
    mix(parts["story"], periods(patient, prose, chance), chance)
    past = earlier(patient, words, prose, chance)
    mix(parts[chance.choice(("story", "results"))], past, chance)
    return parts


def mix(into: list[str], sentences: Sequence[str], chance: Random) -> None:
    """Put sentences between others, at places of chance."""
    for one in sentences:
        into.insert(chance.randint(0, len(into)), one)


def lengthen(parts: dict[str, list[str]], setting: Setting, prose: Prose, chance: Random) -> None:
    """Add sentences that state nothing until a note is as long as notes are."""
    story = () if setting == "child" else (("story", "visit.story"),)
    spare = (*SPARE[setting], *ALWAYS, *story)
    for turn in range(ROUNDS):
        if sum(len(one.split()) for said in parts.values() for one in said) >= LEAST:
            return
        name, rule = spare[turn % len(spare)]
        mix(parts[name], prose.silent(rule), chance)


def opening(frame: Frame, prose: Prose) -> str:
    """Say who the patient is and what brings them."""
    own = frame.setting in ("child", "maternity")
    rules = (f"reason.{frame.setting}",) if own else ("complaint.words@", "reason")
    return prose.frame("visit.open", reason=prose.reason(rules))


def section(name: str, said: Sequence[str], chance: Random) -> str:
    """Write a section under one of its titles; nothing where nothing is said."""
    between = "\n" if name in LINES else " "
    return f"{chance.choice(TITLES[name])}:\n{between.join(said)}"
