"""Sentences of a note that state none of a calculator's inputs, and the frames of those that do."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from taskkit.ehr.chance import Chance
from taskkit.notes.calculation.lexicon import Lexicon
from taskkit.notes.calculation.patient import Patient
from taskkit.notes.phrases import Speaker, polished

Setting = Literal["clinic", "ward", "unit", "maternity", "child"]
TRIES = 8
ENDINGS = ("follow", "fact")
SURNAMES = (
    *("Adler", "Bauman", "Chaudhry", "Dalton", "Ekström", "Ferreira", "Goodwin", "Halloran"),
    *("Ivanova", "Jarvis", "Kessler", "Lopes", "Marchetti", "Ndiaye", "Olsen", "Pruitt"),
    *("Qureshi", "Rosen", "Sandoval", "Tully", "Umar", "Vogel", "Whelan", "Yamada", "Zielinski"),
)


@dataclass(frozen=True)
class Frame:
    """What a note is about before a word of it is written."""

    setting: Setting
    theme: str


@dataclass
class Prose:
    """Draws the sentences of one note."""

    speaker: Speaker
    barred: re.Pattern[str]
    topics: tuple[re.Pattern[str], ...] = ()
    """What a note tells once, such as where the patient lives."""
    _told: set[re.Pattern[str]] = field(default_factory=set)
    _drawn: set[str] = field(default_factory=set)

    @classmethod
    def begin(cls, patient: Patient, words: Lexicon, frame: Frame, seed: str) -> Prose:
        """Begin the note of a patient."""
        chance, female = Chance(seed), patient.sex == "female"
        grown = {"man": "woman" if female else "man", "mr": "Ms" if female else "Mr"}
        child = {"man": "girl" if female else "boy", "mr": "Young"}
        slots = {
            **(grown if patient.age >= 18 else child),
            "theme": frame.theme,
            "age": str(patient.age),
            "he": "she" if female else "he",
            "his": "her" if female else "his",
            "him": "her" if female else "him",
            "surname": chance.one(SURNAMES),
        }
        speaker = words.phrases.speaker(chance, slots)
        speaker.slots["occupation"] = speaker.say("occupation")
        return cls(speaker, words.coherence.barred(patient, frame.setting), words.coherence.topics)

    def frame(self, rule: str, **slots: str) -> str:
        """A sentence that states something, as its rule has it, with a clear ending."""
        ends = {name: self.ending(name) for name in ENDINGS}
        return polished(self.speaker.say(rule, **ends, **slots))

    def ending(self, name: str) -> str:
        """What may follow a value or a finding: a full stop at least."""
        said = self.speaker.say(name)
        return "." if self.barred.search(said) else said

    def silent(self, rule: str, count: int = 1) -> list[str]:
        """Up to a number of sentences that state nothing; fewer where none would be clear.

        An organ is examined once, and what a patient has one of is told once.
        """
        found: list[str] = []
        if rule.startswith("exam.") and rule in self._drawn:
            return found
        for _ in range(TRIES * count):
            said = polished(self.speaker.say(rule))
            if len(found) < count and self._clear(said):
                self._drawn |= {said, rule}
                self._told |= {topic for topic in self.topics if topic.search(said)}
                found.append(said)
        return found

    def _clear(self, said: str) -> bool:
        """Whether a sentence is new, states no input, and no topic a second time."""
        again = said in self._drawn or any(topic.search(said) for topic in self._told)
        return not again and not self.barred.search(said)

    def reason(self, rules: tuple[str, ...]) -> str:
        """What brings the patient, by the first rule that has a clear word for it."""
        for rule in rules:
            for said in self.silent(rule):
                return said[:1].lower() + said[1:]
        return "a planned review"
