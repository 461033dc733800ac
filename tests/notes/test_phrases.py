"""The bank of phrases, and the words that stand for a database's items."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from taskkit.build.domain import shipped
from taskkit.ehr.chance import Chance
from taskkit.errors import SpecError
from taskkit.notes.lexicon import DOSE_SLIPS, UNITS
from taskkit.notes.note import Library
from taskkit.notes.phrases import Form, Phrases, polished
from taskkit.notes.times import PATTERN

SLOTS = {
    *("theme", "age", "man", "he", "his", "him", "mr", "surname", "item", "value", "mark"),
    *("when", "until", "from", "to", "moved", "specimen", "items", "what", "title", "hadm"),
}


def bank(tmp_path: Path, text: str) -> Phrases:
    (tmp_path / "bank.txt").write_text(text)
    return Phrases.load(tmp_path)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("a/an MRI was done", "An MRI was done"),
        ("a/an urgent scan", "An urgent scan"),
        ("a/an unit of blood", "A unit of blood"),
        ("a/an 80 year old", "An 80 year old"),
        ("a/an 18 year old", "An 18 year old"),
        ("it rose.  then it fell", "It rose. Then it fell"),
        ("pH of 7.3", "pH of 7.3"),
    ],
)
def test_joined_phrases_are_good_english(said: str, shown: str) -> None:
    assert polished(said) == shown


def test_a_phrase_is_not_said_twice_while_there_is_another(tmp_path: Path) -> None:
    speaker = bank(tmp_path, ":: greeting\nhello\ngood day\nwelcome\n").speaker(Chance("x"), {})
    assert {speaker.say("greeting") for _ in range(3)} == {"hello", "good day", "welcome"}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (":: a\none [two\n", r"bank.txt:2: `\[` without `\]`"),
        (":: a\none] two\n", r"bank.txt:2: `\]` without `\[`"),
        (":: a\none | two\n", r"bank.txt:2: `\|` outside brackets"),
    ],
)
def test_a_mistake_in_the_bank_is_named_with_its_line(tmp_path: Path, text: str, what: str) -> None:
    with pytest.raises(SpecError, match=what):
        bank(tmp_path, text)


def test_a_rule_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="no rule or slot 'nothing'"):
        bank(tmp_path, ":: a\n{nothing}\n").speaker(Chance("x"), {}).say("a")


def names(form: Form) -> set[str]:
    found = set()
    for part in form:
        if isinstance(part, tuple):
            found.add(part[0])
        elif isinstance(part, list):
            found |= {name for one in part for name in names(one)}
    return found


def test_every_rule_that_the_bank_names_is_there(library: Library) -> None:
    rules = library.phrases.rules
    missing = {
        name
        for forms in rules.values()
        for form in forms
        for name in names(form)
        if name not in SLOTS and name not in rules and f"{name}general" not in rules
    }
    assert missing == set()


def test_nothing_after_a_statement_names_a_time(library: Library) -> None:
    """It would be read as the time of the next statement in the sentence."""
    bank = (shipped() / "ehrcon" / "phrases" / "tails.txt").read_text()
    assert not PATTERN.search(bank)


def test_no_word_stands_for_two_items_of_a_record(library: Library) -> None:
    meant = defaultdict(set)
    for (kind, item), term in library.lexicon.terms.items():
        group = kind if kind in ("diagnosis", "procedure") else "charted"
        for word in (*term.prose, *term.short):
            meant[group, word if len(word) <= 3 else word.lower()].add((kind, item))
    assert {word: items for word, items in meant.items() if len(items) > 1} == {}


def test_every_unit_that_may_be_stated_wrongly_can_be_read(library: Library) -> None:
    wrong = {unit for term in library.lexicon.terms.values() for unit in term.wrong_units}
    wrong |= {unit for units in DOSE_SLIPS.values() for unit in units}
    assert wrong - set(UNITS) == set()
