"""Put the outline of a note into words, and number its statements."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from taskkit.ehr.chance import Chance
from taskkit.notes.lexicon import UNITS, Lexicon, Term, number
from taskkit.notes.outline import Block, Outline, Section
from taskkit.notes.phrases import Speaker, polished
from taskkit.notes.statement import Statement

MARK = re.compile("⟦(\\d+)⟧")
ROUTES: Mapping[str, str] = {
    **{"iv": "IV", "po": "PO", "pr": "PR", "sc": "SC", "im": "IM", "sl": "SL", "td": "topically"},
    **{"ng": "per NG tube", "ih": "inhaled", "ou": "in both eyes", "tp": "topically"},
}


@dataclass
class Writer:
    """Writes one note."""

    lexicon: Lexicon
    speaker: Speaker
    chance: Chance
    terse: bool
    """The register: abbreviations and bare values, as nurses chart."""

    def write(self, outline: Outline) -> str:
        """Give the text of a note; its statements get their numbers."""
        every = [one for _, one in outline.statements()]
        for key, one in enumerate(every):
            one.number = key
        parts = ["\n".join(outline.header)]
        parts += [self._section(one) for one in outline.sections if one.blocks]
        return self._numbered("\n\n".join(parts) + "\n", every)

    def _numbered(self, text: str, every: list[Statement]) -> str:
        """Number the statements in the order of reading."""
        order = [int(key) for key in MARK.findall(text)]
        assert sorted(order) == list(range(len(every)))
        numbers = {key: number for number, key in enumerate(order, 1)}
        for key, one in enumerate(every):
            one.number = numbers[key]
        return MARK.sub(lambda match: f"[{numbers[int(match[1])]}]", text)

    def _section(self, section: Section) -> str:
        section.title = self.chance.one(section.title.split("|"))
        said = [self._block(block) for block in section.blocks]
        if section.shape == "prose":
            body = polished(" ".join(said))
        elif section.shape == "list":
            body = "\n".join(f"{n}. {polished(one)}" for n, one in enumerate(said, 1))
        else:
            body = "\n".join(map(polished, said))
        return f"{section.title}:\n{body}"

    def _block(self, block: Block) -> str:
        if block.rule.endswith("panel"):
            return self._panel(block)
        slots = dict(block.slots)
        if block.statements:
            slots |= self._slots(block.statements[0])
        return self.speaker.say(block.rule, **slots)

    def _panel(self, block: Block) -> str:
        """Values of one time in one sentence."""
        items = []
        for one in block.statements:
            slots = self._slots(one)
            items.append(self.speaker.say(f"{block.rule}.item", **slots))
        when = block.statements[0].when
        joined = ", ".join(items)
        if block.rule.startswith("prose") and len(items) > 1:
            joined = f"{', '.join(items[:-1])} and {items[-1]}"
        assert when is not None
        return self.speaker.say(block.rule, items=joined, when=when.words)

    def _slots(self, one: Statement) -> dict[str, str]:
        term = self.lexicon.term(one.kind, one.item)
        assert term is not None
        if not one.verbatim:
            one.verbatim = self._name(term)
        slots = {"item": one.verbatim, "mark": f"⟦{one.number}⟧", "value": self._value(one)}
        if one.when is not None:
            slots["when"] = one.when.words
        if one.until is not None:
            slots["until"] = one.until.words
        if one.trend is not None:
            assert one.when is not None
            assert one.until is not None
            slots["from"] = one.when.words.removeprefix("on ")
            slots["to"] = one.until.words.removeprefix("on ")
            slots["moved"] = self.speaker.say(f"trend.{one.trend}")
        specimen = one.stated.get("spec_type_desc")
        if specimen is not None:
            slots["specimen"] = self.chance.one(self.lexicon.specimens[str(specimen)])
        return slots

    def _name(self, term: Term) -> str:
        """A name of an item; in prose none that is a plural, such as `Eos`."""
        if self.terse:
            return self.chance.one(term.short)
        single = [one for one in term.short if term.kind != "lab" or not one.endswith("s")]
        return self.chance.one((*term.prose, *term.prose, *single))

    def _value(self, one: Statement) -> str:
        for column in ("valuenum", "amount", "value", "dose_val_rx"):
            if column in one.stated:
                said = number(one.stated[column])
                unit = one.stated.get("valueuom") or one.stated.get("dose_unit_rx")
                if unit is not None:
                    written = self.chance.one(UNITS.get(str(unit), (str(unit),)))
                    said += written if written == "%" else f" {written}"
                return said
        return ""


def route(code: object) -> str:
    """Write the way that a drug is given."""
    first = str(code or "").split("/")[0]
    return ROUTES.get(first, "")
