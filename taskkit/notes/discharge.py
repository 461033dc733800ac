"""The outline of a discharge summary."""

from __future__ import annotations

from taskkit.ehr.chance import Chance
from taskkit.notes.drafting import Drafter
from taskkit.notes.moment import moment
from taskkit.notes.outline import Outline, Section, told
from taskkit.notes.record import Kind, Record
from taskkit.notes.telling import SYSTEMS, Teller


def discharge(record: Record, drafter: Drafter, chance: Chance) -> Outline:
    """Plan a discharge summary; the sections that make no statement are there for a reader."""
    teller = Teller(drafter, chance, terse=False)
    sections = [
        _plain(("Allergies", "ALLERGIES", "Allergies / Adverse Drug Reactions"), "allergies"),
        _plain(("Chief Complaint", "CHIEF COMPLAINT", "Reason for Admission"), "complaint@"),
        _procedures(record, drafter, chance),
        _present_illness(teller, chance),
        _list(("Past Medical History", "PMH", "PAST MEDICAL HISTORY"), "pmh@", chance.whole(3, 6)),
        _plain(
            ("Social History", "SOCIAL HISTORY", "SHx"),
            "social.home",
            "social.work",
            "social.habits",
        ),
        _plain(("Family History", "FAMILY HISTORY", "FHx"), "family"),
        _exam(teller, chance),
        _results(teller, chance),
        *_course(teller, chance),
        _list(
            ("Medications on Admission", "Home Medications"), "home_medication", chance.whole(3, 6)
        ),
        _medications(record, drafter, chance),
        _plain(("Discharge Disposition", "DISPOSITION", "Disposition"), "disposition"),
        _diagnoses(drafter, chance),
    ]
    if not record.died:
        sections += [
            _plain(("Discharge Condition", "Condition on Discharge"), "condition"),
            _plain(
                ("Discharge Instructions", "Instructions"),
                "instructions.open",
                "instructions@",
                "instructions.close",
            ),
            _plain(("Followup Instructions", "Follow-up", "FOLLOW-UP"), "followup", "followup"),
        ]
    return Outline("discharge", "Discharge Summary", _header(record, chance), told(sections))


def _header(record: Record, chance: Chance) -> list[str]:
    admitted = moment(record.admitted).date()
    discharged = moment(record.discharged or record.admitted).date()
    sex = "F" if record.sex == "f" else "M"
    return [
        "DISCHARGE SUMMARY",
        f"Admission number: {record.hadm}",
        f"Admission Date: {admitted}    Discharge Date: {discharged}",
        f"Age: {record.age}    Sex: {sex}",
    ]


def _plain(titles: tuple[str, ...], *rules: str) -> Section:
    section = Section("|".join(titles))
    for rule in rules:
        section.add(rule)
    return section


def _list(titles: tuple[str, ...], rule: str, count: int) -> Section:
    section = Section("|".join(titles), shape="list")
    for _ in range(count):
        section.add(rule)
    return section


def _procedures(record: Record, drafter: Drafter, chance: Chance) -> Section:
    section = Section(
        "Major Surgical or Invasive Procedure|MAJOR SURGICAL OR INVASIVE PROCEDURE", shape="lines"
    )
    events = drafter.shuffled(drafter.known(["procedure"]))[: chance.whole(2, 5)]
    for event in events:
        section.add("procedure.line", drafter.one(event))
    return section


def _diagnoses(drafter: Drafter, chance: Chance) -> Section:
    section = Section("Discharge Diagnoses|DISCHARGE DIAGNOSES", shape="lines")
    for event in drafter.shuffled(drafter.known(["diagnosis"]))[: chance.whole(3, 7)]:
        section.add("diagnosis.line", drafter.one(event))
    return section


def _present_illness(teller: Teller, chance: Chance) -> Section:
    section = Section("History of Present Illness|HISTORY OF PRESENT ILLNESS|HPI")
    teller.drafter.begin()
    section.add("hpi.open@")
    section.add("hpi.story@")
    section.add("hpi.more@")
    section.add("hpi.denial")
    section.add("hpi.arrival")
    early = teller.drafter.known(["lab"])
    for event in teller.drafter.shuffled(early[:12])[: chance.whole(1, 2)]:
        teller.event(section, event, timeless=False)
    section.add("hpi.close")
    return section


def _exam(teller: Teller, chance: Chance) -> Section:
    section = Section(
        "Physical Exam|PHYSICAL EXAMINATION|Physical Examination on Admission", shape="lines"
    )
    teller.drafter.begin()
    teller.panel(section, "vitals.panel", "vital", most=chance.whole(2, 4))
    for system in (
        "general",
        "heent",
        "neck",
        "heart",
        "lungs",
        "abdomen",
        "extremities",
        "skin",
        "neuro",
    ):
        if system in ("general", "heart", "lungs", "abdomen") or chance.random() < 0.65:
            section.add(f"exam.{system}")
    return section


def _results(teller: Teller, chance: Chance) -> Section:
    section = Section(
        "Pertinent Results|PERTINENT RESULTS|Studies and Laboratory Data", shape="lines"
    )
    teller.drafter.begin()
    for _ in range(chance.whole(2, 3)):
        teller.panel(section, "line.panel", "lab", most=chance.whole(3, 6))
    for event in teller.drafter.shuffled(teller.drafter.known(["organism"]))[: chance.whole(0, 2)]:
        made = teller.drafter.one(event, timeless=False)
        section.add("organism.line", made)
    for _ in range(chance.whole(1, 2)):
        section.add("imaging@")
    section.add("ekg")
    return section


def _course(teller: Teller, chance: Chance) -> list[Section]:
    """The hospital course: an opening, then a paragraph for each of several systems."""
    opening = Section("Brief Hospital Course|HOSPITAL COURSE|Hospital Course by Problem")
    teller.drafter.begin()
    opening.add("course.open@")
    teller.panel(opening, "prose.panel", "lab", most=3)
    opening.add("course.turn@")
    sections = [opening]
    for system in teller.systems()[: chance.whole(3, 5)]:
        section = Section("|".join(f"# {one}" for one in SYSTEMS[system]))
        teller.drafter.begin()
        section.add(f"problem.{system}")
        if teller.problem(section, system, chance.whole(2, 4)):
            section.add(f"outcome.{system}")
            sections.append(section)
    sections.append(
        _plain(("# Disposition and code status", "# Code status", "# Communication"), "code_status")
    )
    return sections


def _medications(record: Record, drafter: Drafter, chance: Chance) -> Section:
    section = Section(
        "Discharge Medications|DISCHARGE MEDICATIONS|Medications at Discharge", shape="list"
    )
    if record.died:
        return section
    kinds: list[Kind] = ["drug"]
    for event in drafter.shuffled(drafter.known(kinds))[: chance.whole(3, 7)]:
        section.add("drug.line", drafter.one(event, timeless=True))
    return section
