"""The outlines of notes written during a stay: a physician's and a nurse's."""

from __future__ import annotations

from datetime import date

from taskkit.ehr.chance import Chance
from taskkit.notes.drafting import Drafter
from taskkit.notes.outline import Outline, Section, told
from taskkit.notes.record import Record
from taskkit.notes.telling import COURSE, SYSTEMS, Teller

NURSED = ("neuro", "cardiac", "respiratory", "gastro", "renal", "infection", "endocrine", "pain")


def physician(record: Record, drafter: Drafter, chance: Chance, today: date) -> Outline:
    """Plan a physician's progress note."""
    teller = Teller(drafter, chance, terse=False)
    sections = [
        _events(teller, chance),
        _plain("Interval history|SUBJECTIVE|Subjective", *["subjective"] * 3),
        _plain("Allergies|ALLERGIES", "allergies"),
        _medicines(teller, chance),
        _exam(teller, chance),
        _labs(teller, chance),
        *_plan(teller, chance),
        _plain("Disposition|DISPOSITION|Code status and dispo", "code_status", "dispo.unit"),
    ]
    title = chance.one(
        ("PHYSICIAN PROGRESS NOTE", "Physician Resident Progress Note", "MEDICAL PROGRESS NOTE")
    )
    return Outline(
        "physician", "Physician progress note", _header(record, title, today), told(sections)
    )


def nursing(record: Record, drafter: Drafter, chance: Chance, today: date) -> Outline:
    """Plan a nurse's note, in the nurse's register."""
    teller = Teller(drafter, chance, terse=True)
    opening = Section("Shift summary|NURSING ASSESSMENT|Assessment")
    drafter.begin()
    opening.add("nursing.open@")
    teller.panel(opening, "vitals.panel", "vital", most=chance.whole(2, 4))
    opening.add("nursing.events")
    opening.add("nursing.events")
    sections = [opening]
    for system in NURSED:
        section = Section(SYSTEMS[system][1] if len(SYSTEMS[system]) > 1 else system)
        drafter.begin()
        section.add(f"nursing.{system}")
        told_of = teller.problem(section, system, chance.whole(1, 3))
        if told_of or chance.random() < 0.6:
            section.add(f"nursing.{system}")
            sections.append(section)
    lines = Section("Labs|LABS|Data", shape="lines")
    drafter.begin()
    for _ in range(chance.whole(1, 2)):
        teller.panel(lines, "line.panel", "lab", most=chance.whole(3, 5))
    sections += [
        lines,
        _plain("Skin|SKIN", "nursing.skin", "nursing.skin", "nursing.lines"),
        _plain("Social|SOC", "nursing.social", "nursing.social"),
        _plain("Plan|PLAN|Plan of care", *["nursing.plan"] * 7),
    ]
    title = chance.one(("NURSING PROGRESS NOTE", "Nursing Note", "NPN 7a-7p", "NPN 7p-7a"))
    return Outline("nursing", "Nursing note", _header(record, title, today), told(sections))


def _header(record: Record, title: str, today: date) -> list[str]:
    return [title, f"Admission number: {record.hadm}", f"Date of note: {today}"]


def _plain(titles: str, *rules: str) -> Section:
    section = Section(titles)
    for rule in rules:
        section.add(rule)
    return section


def _events(teller: Teller, chance: Chance) -> Section:
    section = Section("24 hour events|Interval events|EVENTS")
    teller.drafter.begin()
    section.add("overnight@")
    events = teller.drafter.shuffled(teller.drafter.known(["vital", "lab", "output", "intake"]))
    events = sorted(events, key=lambda one: one.time)[-40:]
    for event in teller.drafter.shuffled(events)[: chance.whole(2, 3)]:
        teller.event(section, event)
    section.add("overnight.more")
    return section


def _medicines(teller: Teller, chance: Chance) -> Section:
    section = Section("Current medications|MEDICATIONS|Active medications", shape="lines")
    teller.drafter.begin()
    for event in teller.drafter.shuffled(teller.drafter.known(["drug"]))[: chance.whole(2, 5)]:
        section.add("drug.line", teller.drafter.one(event, timeless=True))
    return section


def _exam(teller: Teller, chance: Chance) -> Section:
    section = Section("Physical examination|EXAM|Exam", shape="lines")
    teller.drafter.begin()
    for _ in range(chance.whole(1, 2)):
        teller.panel(section, "vitals.panel", "vital", most=chance.whole(2, 4))
    for system in ("general", "heent", "heart", "lungs", "abdomen", "extremities", "neuro"):
        if system in ("general", "heart", "lungs") or chance.random() < 0.6:
            section.add(f"exam.{system}")
    return section


def _labs(teller: Teller, chance: Chance) -> Section:
    section = Section("Labs and radiology|LABORATORY DATA|Data", shape="lines")
    teller.drafter.begin()
    for _ in range(chance.whole(1, 3)):
        teller.panel(section, "line.panel", "lab", most=chance.whole(3, 6))
    for event in teller.drafter.shuffled(teller.drafter.known(["organism"]))[: chance.whole(0, 2)]:
        section.add("organism.line", teller.drafter.one(event, timeless=False))
    section.add("imaging@")
    return section


def _plan(teller: Teller, chance: Chance) -> list[Section]:
    opening = Section("Assessment and plan|ASSESSMENT AND PLAN|A/P")
    teller.drafter.begin()
    opening.add("assessment@")
    sections = [opening]
    for system in teller.systems()[: chance.whole(3, 5)]:
        section = Section("|".join(f"# {one}" for one in SYSTEMS[system]))
        teller.drafter.begin()
        section.add(f"problem.{system}")
        if teller.problem(section, system, chance.whole(1, 3)):
            section.add(f"plan.{system}")
            sections.append(section)
    return sections


def days_worth(record: Record) -> list[date]:
    """The days of intensive care on which there was enough to write a note about."""
    found = []
    days = sorted({one.time[:10] for one in record.events["vital"]})
    for day in days:
        count = sum(
            one.time[:10] <= day for kind in COURSE for one in record.events[kind] if one.time
        )
        if count >= 60:
            found.append(date.fromisoformat(day))
    return found
