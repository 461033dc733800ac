"""Sentences of a note that state none of a calculator's inputs, and the frames of those that do."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from taskkit.ehr.chance import Chance
from taskkit.notes.calculation.lexicon import Lexicon
from taskkit.notes.calculation.patient import Patient
from taskkit.notes.phrases import Speaker, polished

TRIES = 8
ENDINGS = ("follow", "fact")
SURNAMES = (
    *("Adler", "Bauman", "Chaudhry", "Dalton", "Ekström", "Ferreira", "Goodwin", "Halloran"),
    *("Ivanova", "Jarvis", "Kessler", "Lopes", "Marchetti", "Ndiaye", "Olsen", "Pruitt"),
    *("Qureshi", "Rosen", "Sandoval", "Tully", "Umar", "Vogel", "Whelan", "Yamada", "Zielinski"),
)


@dataclass
class Prose:
    """Draws the sentences of one note."""

    speaker: Speaker
    barred: re.Pattern[str]
    _drawn: set[str] = field(default_factory=set)

    @classmethod
    def begin(cls, patient: Patient, words: Lexicon, theme: str, seed: str) -> Prose:
        """Begin the note of a patient."""
        chance, female = Chance(seed), patient.sex == "female"
        grown = {"man": "woman" if female else "man", "mr": "Ms" if female else "Mr"}
        child = {"man": "girl" if female else "boy", "mr": "Young"}
        slots = {
            **(grown if patient.age >= 18 else child),
            "theme": theme,
            "age": str(patient.age),
            "he": "she" if female else "he",
            "his": "her" if female else "his",
            "him": "her" if female else "him",
            "surname": chance.one(SURNAMES),
        }
        speaker = words.phrases.speaker(chance, slots)
        return cls(speaker, words.coherence.barred(patient))

    def frame(self, rule: str, **slots: str) -> str:
        """A sentence that states something, as its rule has it, with a clear ending."""
        ends = {name: self.ending(name) for name in ENDINGS}
        return polished(self.speaker.say(rule, **ends, **slots))

    def ending(self, name: str) -> str:
        """What may follow a value or a finding: a full stop at least."""
        said = self.speaker.say(name)
        return "." if self.barred.search(said) else said

    def silent(self, rule: str, count: int = 1) -> list[str]:
        """Up to a number of sentences that state nothing; fewer where none would be clear."""
        found: list[str] = []
        for _ in range(TRIES * count):
            said = polished(self.speaker.say(rule))
            if len(found) < count and said not in self._drawn and not self.barred.search(said):
                self._drawn.add(said)
                found.append(said)
        return found

    def reason(self, rules: tuple[str, ...]) -> str:
        """What brings the patient, by the first rule that has a clear word for it."""
        for rule in rules:
            for said in self.silent(rule):
                return said[:1].lower() + said[1:]
        return "a planned review"
