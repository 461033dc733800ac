"""A bank of phrases: alternatives within alternatives, drawn anew for each note."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from taskkit.ehr.chance import Chance
from taskkit.errors import SpecError

TOKEN = re.compile(r"\{([a-z_.@]+)\}|(\[)|(\])|(\|)")
DEPTH = 12  # of phrases within phrases
VOWEL = re.compile(r"\b([Aa])/an (?=(\W*)(\w+))")
CONSONANT_SOUND = re.compile(
    r"(?:[Uu]ni|[Uu]s[eu]|[Uu]ti|[Uu]r(?!g)|[Ee]u|[Oo]ne|[Oo]nce)|U[A-Z]|MAP\b"
)
VOWEL_SOUND = re.compile(r"(?:[aeiouAEIO]|honest|hour|[FHLMNRSX][A-Z])")
Part = str | tuple[str] | list["Form"]
Form = list[Part]
"""Text; the name of a rule or slot, as a tuple of one; or alternatives, as a list."""


class Phrases:
    """The rules of a bank: a name and its alternatives."""

    def __init__(self, rules: Mapping[str, list[Form]]) -> None:
        """Keep the rules."""
        self.rules = rules

    @classmethod
    def load(cls, *folders: Path) -> Phrases:
        """Read every bank of some folders; a rule that two have has the alternatives of both.

        Raises:
            SpecError: a bracket is never closed, or a rule is named that there is not.
        """
        rules: dict[str, list[Form]] = {}
        for path in (path for folder in folders for path in sorted(folder.glob("*.txt"))):
            name = ""
            for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
                text = line.rstrip()
                if text.startswith("::"):
                    name = text[2:].strip()
                    rules.setdefault(name, [])
                elif text and not text.startswith("#"):
                    rules[name].append(_parsed(text, f"{path.name}:{number}"))
        return cls({name: _spread(forms) for name, forms in rules.items()})

    def speaker(self, chance: Chance, slots: Mapping[str, str]) -> Speaker:
        """Begin a note."""
        return Speaker(self, chance, slots)


def _spread(forms: list[Form]) -> list[Form]:
    """Make each word of a list of words an alternative of its own, so that none comes twice."""
    found: list[Form] = []
    for form in forms:
        listed = form[0] if len(form) == 1 else None
        found += listed if isinstance(listed, list) else [form]
    return found


def _parsed(text: str, where: str) -> Form:
    stack: list[list[Form]] = [[[]]]
    at = 0
    for match in TOKEN.finditer(text):
        if match.start() > at:
            stack[-1][-1].append(text[at : match.start()])
        at = match.end()
        name, opened, closed, _ = match.groups()
        if name:
            stack[-1][-1].append((name,))
        elif opened:
            stack.append([[]])
        elif closed:
            if len(stack) == 1:
                raise SpecError(f"{where}: `]` without `[`: need both")
            alternatives = stack.pop()
            stack[-1][-1].append(alternatives)
        elif len(stack) == 1:
            raise SpecError(f"{where}: `|` outside brackets: need `[a|b]`")
        else:
            stack[-1].append([])
    if len(stack) > 1:
        raise SpecError(f"{where}: `[` without `]`: need both")
    stack[-1][-1].append(text[at:])
    return [part for part in stack[0][0] if part != ""]


class Speaker:
    """Draws phrases for one note, without saying the same twice while there is another way."""

    def __init__(self, phrases: Phrases, chance: Chance, slots: Mapping[str, str]) -> None:
        """Keep what holds for the whole note, such as the pronoun."""
        self._phrases, self._chance = phrases, chance
        self.slots = dict(slots)
        self._used: defaultdict[str, set[int]] = defaultdict(set)

    def say(self, rule: str, **slots: str) -> str:
        """Give one alternative of a rule, with all that it names put in.

        Raises:
            SpecError: there is neither a rule nor a slot of a name.
        """
        return self._rule(rule, slots, 0)

    def _rule(self, rule: str, slots: Mapping[str, str], depth: int) -> str:
        if depth > DEPTH:
            raise SpecError(f"phrases: {rule!r} names itself: need an end")
        forms = self._phrases.rules.get(self._themed(rule))
        if not forms:
            raise SpecError(f"phrases: no rule or slot {rule!r}: need one")
        used = self._used[rule]
        if len(used) == len(forms):
            used.clear()
        free = [number for number in range(len(forms)) if number not in used]
        number = self._chance.one(free)
        used.add(number)
        return self._form(forms[number], slots, depth)

    def _themed(self, rule: str) -> str:
        """Of a rule that ends in `@`: that of the note's theme, or the general one."""
        if not rule.endswith("@"):
            return rule
        own = rule + self.slots.get("theme", "general")
        return own if own in self._phrases.rules else f"{rule}general"

    def _form(self, form: Form, slots: Mapping[str, str], depth: int) -> str:
        said = []
        for part in form:
            if isinstance(part, str):
                said.append(part)
            elif isinstance(part, list):
                said.append(self._form(self._chance.one(part), slots, depth + 1))
            else:
                said.append(self._named(part[0], slots, depth))
        return "".join(said)

    def _named(self, name: str, slots: Mapping[str, str], depth: int) -> str:
        if name in slots:
            return slots[name]
        if name in self.slots:
            return self.slots[name]
        return self._rule(name, slots, depth + 1)


def polished(text: str) -> str:
    """Put in the articles, single blanks and capitals that joined phrases lack."""
    text = re.sub(r"  +", " ", text).replace(" ,", ",").replace(" .", ".").replace("..", ".")
    text = VOWEL.sub(_article, text)
    return re.sub(r"(^|[.!?]\s+|\n)([a-z])(?=[a-z ])", lambda m: m[1] + m[2].upper(), text)


def _article(match: re.Match[str]) -> str:
    word = match[3]
    vowel = bool(VOWEL_SOUND.match(word)) and not CONSONANT_SOUND.match(word)
    if word.isdigit():
        vowel = word[0] == "8" or word[:2] in ("11", "18")
    return match[1] + ("n " if vowel else " ")
