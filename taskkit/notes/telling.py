"""Sentences about the events of a stay, and which of them a part of a note tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from taskkit.ehr.chance import Chance
from taskkit.notes.drafting import Drafter
from taskkit.notes.moment import Style
from taskkit.notes.outline import Section
from taskkit.notes.record import Event, Kind
from taskkit.notes.statement import Statement

COURSE: tuple[Kind, ...] = ("lab", "drug", "organism", "intake", "output", "vital")
SYSTEMS: dict[str, tuple[str, ...]] = {
    "cardiac": ("Cardiovascular", "CV", "Cardiac", "Heart"),
    "respiratory": ("Respiratory", "Pulmonary", "Resp", "Lungs"),
    "infection": ("Infectious disease", "ID", "Infection", "Fever and infection"),
    "renal": ("Renal", "Kidneys", "GU", "Renal function"),
    "fluids": ("Fluids and electrolytes", "FEN", "Electrolytes", "Volume status"),
    "gastro": ("Gastrointestinal", "GI", "Abdomen"),
    "liver": ("Hepatobiliary", "Liver", "Hepatic"),
    "heme": ("Hematology", "Heme", "Blood counts", "Anticoagulation and counts"),
    "endocrine": ("Endocrine", "Endo", "Glycemic control"),
    "neuro": ("Neurology", "Neuro", "Mental status"),
    "pain": ("Pain control", "Pain", "Analgesia"),
    "nutrition": ("Nutrition", "Diet and nutrition"),
    "surgery": ("Surgical", "Wounds and drains", "Postoperative"),
}
"""Parts of a hospital course, and what they are headed."""
TRENDED = 0.7  # share of problems of which a trend is told, where there is one


@dataclass
class Teller:
    """Adds sentences to the sections of a note."""

    drafter: Drafter
    chance: Chance
    terse: bool

    def rule(self, one: Statement) -> str:
        """The rule of the phrase bank that tells one statement."""
        if one.trend is not None:
            form = "trend.when"
        elif one.when is None:
            form = f"{one.kind}.timeless"
        elif one.until is not None:
            form = f"{one.kind}.until"
        else:
            form = f"{one.kind}.when"
        return f"{form}.terse" if self.terse else form

    def event(
        self,
        section: Section,
        event: Event,
        *,
        style: Style | None = None,
        timeless: bool | None = None,
    ) -> bool:
        """Tell one event in a sentence of its own."""
        made = self.drafter.one(event, style=style, timeless=timeless)
        if made is None:
            return False
        section.add(self.rule(made), made)
        return True

    def trend(self, section: Section, kind: Kind, item: str) -> bool:
        """Tell that something rose or fell."""
        made = self.drafter.trend(kind, item)
        if made is None:
            return False
        section.add(self.rule(made), made)
        return True

    def panel(
        self,
        section: Section,
        rule: str,
        kind: Kind,
        *,
        most: int,
        least: int = 2,
        style: Style | None = None,
        among: int = 6,
    ) -> bool:
        """Tell several values of one time in one sentence."""
        panels = self.drafter.panels(kind, self.drafter.known([kind]))
        panels = [one for one in panels if len(one) >= least][:among]
        if not panels:
            return False
        events = self.drafter.shuffled(self.chance.one(panels))
        made = self.drafter.panel(events, most, style=style)
        if not made:
            return False
        section.add(rule, *made)
        return True

    def problem(self, section: Section, system: str, most: int) -> int:
        """Tell events of one system in the order in which they came; say how many."""
        events = self.drafter.shuffled(self.drafter.known(COURSE, system))
        chosen: dict[str, list[Event]] = {}
        for event in events:
            chosen.setdefault(event.item, []).append(event)
        firsts = [own[0] for own in chosen.values()][:most]
        spare = [own[1] for own in chosen.values() if len(own) > 1 and own[0].kind == "lab"]
        picked = sorted(firsts + spare[: max(0, most - len(firsts))], key=lambda one: one.time)
        count = 0
        if self.chance.random() < TRENDED:
            trending = [own[0] for own in chosen.values() if own[0].kind == "lab" and len(own) > 1]
            count += any(self.trend(section, "lab", one.item) for one in trending)
        for event in picked:
            count += self.event(section, event)
            if self.chance.random() < 0.25:
                section.add(f"aside.{'terse.' if self.terse else ''}{system}")
        return count

    def systems(self) -> Sequence[str]:
        """The systems that there is most to tell of, in an order of chance."""
        count = self.drafter.count(COURSE)
        ranked = sorted(
            (one for one in SYSTEMS if count.get(one)),
            key=lambda one: -min(count[one], 12) * (0.5 + self.chance.random()),
        )
        return ranked
