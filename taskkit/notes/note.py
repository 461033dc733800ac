"""A clinical note over the record of one stay, with its statements."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from taskkit.ehr.chance import Chance
from taskkit.notes.bedside import days_worth, nursing, physician
from taskkit.notes.discharge import discharge
from taskkit.notes.drafting import Drafter
from taskkit.notes.lexicon import Lexicon, read_lexicon
from taskkit.notes.moment import Calendar
from taskkit.notes.outline import Form, Outline
from taskkit.notes.phrases import Phrases
from taskkit.notes.planting import Planter
from taskkit.notes.pools import Pools
from taskkit.notes.record import Record
from taskkit.notes.statement import Finding, Statement, findings
from taskkit.notes.writer import Writer

SHARES = (0.08, 0.12, 0.16, 0.2, 0.26)  # of a note's statements that are made wrong
THEMES = (  # first and last three digits of ICD-9 codes, and what they are about
    ("001", "139", "infection"),
    ("140", "239", "oncology"),
    ("240", "279", "endocrine"),
    ("280", "289", "blood"),
    ("290", "319", "mental"),
    ("320", "389", "neuro"),
    ("390", "429", "cardiac"),
    ("430", "438", "neuro"),
    ("439", "459", "cardiac"),
    ("460", "519", "respiratory"),
    ("520", "569", "gastro"),
    ("570", "573", "liver"),
    ("574", "579", "gastro"),
    ("580", "599", "renal"),
    ("800", "959", "trauma"),
    ("960", "979", "mental"),
)
SURNAMES = (
    *("Abbott", "Barlow", "Cardoso", "Dunleavy", "Esposito", "Fenwick", "Garrity", "Hobart"),
    *("Ibarra", "Jessup", "Kendrick", "Larsen", "Mercado", "Northrop", "Oduya", "Pemberton"),
    *("Quimby", "Rutledge", "Silvestri", "Thackeray", "Ulrich", "Valentin", "Wadsworth", "Yancey"),
    *("Zeller", "Arsenault", "Beauchamp", "Corrigan", "Desrosiers", "Eldridge", "Fontaine"),
    *("Grzybowski", "Hathaway", "Inoue", "Jankowski", "Karimi", "Lachance", "Mulvaney", "Nguyen"),
    *(
        "Oliveira",
        "Pascucci",
        "Rinaldi",
        "Szymanski",
        "Teixeira",
        "Uchida",
        "Villanueva",
        "Westover",
    ),
)


@dataclass(frozen=True)
class Library:
    """The words of a domain's folder."""

    lexicon: Lexicon
    phrases: Phrases

    @classmethod
    def load(cls, folder: Path) -> Library:
        """Read the lexicon and the phrase bank."""
        return cls(read_lexicon(folder / "lexicon"), Phrases.load(folder / "phrases"))


@dataclass(frozen=True)
class Told:
    """A statement of a finished note."""

    number: int
    section: str
    statement: Statement
    findings: tuple[Finding, ...]
    """Where the record disagrees."""


@dataclass(frozen=True)
class Note:
    """A note, and what is true of its statements."""

    form: Form
    title: str
    hadm: int
    subject: int
    theme: str
    text: str
    told: tuple[Told, ...]


def theme(record: Record) -> str:
    """What a stay is mainly about, by its diagnoses."""
    counts: Counter[str] = Counter()
    for event in record.events["diagnosis"]:
        code = str(event.cells["icd9_code"])[:3]
        counts.update(name for first, last, name in THEMES if first <= code <= last)
    ranked = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return ranked[0][0] if ranked else "general"


def write_note(
    record: Record, library: Library, pools: Pools, form: Form, seed: str
) -> Note | None:
    """Write a note of a form; None where the stay has not enough for it."""
    chance = Chance(seed)
    today = None
    if form == "discharge":
        if record.discharged is None:
            return None
        outlined = None
    else:
        days = days_worth(record)
        if not days:
            return None
        today = chance.one(days)
    calendar = Calendar(record, today)
    drafter = Drafter(record, library.lexicon, calendar, chance)
    if today is None:
        outlined = discharge(record, drafter, chance)
    else:
        outlined = (physician if form == "physician" else nursing)(record, drafter, chance, today)
    _plant(outlined, Planter(record, library.lexicon, pools, calendar, chance))
    about = theme(record)
    speaker = library.phrases.speaker(chance, _words(record, about, chance))
    speaker.slots["occupation"] = speaker.say("occupation")
    writer = Writer(library.lexicon, speaker, chance, terse=form == "nursing")
    text = writer.write(outlined)
    told = sorted(
        (
            Told(one.number, section.title, one, findings(record, one))
            for section, one in outlined.statements()
        ),
        key=lambda one: one.number,
    )
    return Note(form, outlined.title, record.hadm, record.subject, about, text, tuple(told))


def _plant(outline: Outline, planter: Planter) -> None:
    statements = [one for _, one in outline.statements()]
    planter.plant(statements, planter.chance.one(SHARES))


def _words(record: Record, about: str, chance: Chance) -> dict[str, str]:
    female = record.sex == "f"
    return {
        "theme": about,
        "age": str(record.age),
        "man": "woman" if female else "man",
        "he": "she" if female else "he",
        "his": "her" if female else "his",
        "him": "her" if female else "him",
        "mr": "Ms" if female else "Mr",
        "surname": chance.one(SURNAMES),
    }
