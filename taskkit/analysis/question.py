"""A question of the bank asked of one study: its text, and the program that answers it."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from taskkit.analysis.bank import Entry
from taskkit.analysis.gene import ALIASES
from taskkit.analysis.parameter import Value, draw_parameters, spoken
from taskkit.analysis.program import DATA, program
from taskkit.analysis.recipe import Recipe
from taskkit.errors import SpecError

ALIASED = 0.5  # of the mentions of a gene that has another name
DRAWS = 12  # at most, for each other set of parameters
PLACES = "The tables of the study are files below /data whose names begin with {study_id}."


@dataclass(frozen=True)
class Question:
    """What is asked of a study."""

    entry: Entry
    recipe: Recipe
    parameters: dict[str, Value]
    text: str
    """With its conventions, without the form of the answer."""

    def code(self, folder: str = DATA) -> str:
        """Give the reference program, for tables in a folder."""
        return program(self.recipe, self.parameters, self.entry.program, folder=folder)


def ask(entry: Entry, recipe: Recipe, chance: Random) -> Question:
    """Draw the parameters and the phrasing of a question.

    Raises:
        SpecError: a text has a name in braces that is neither a parameter nor a fact.
    """
    parameters = draw_parameters(entry.question.parameters, recipe, chance)
    words = {name: spoken(aliased(value, chance)) for name, value in parameters.items()}
    layout = recipe.layout
    words |= {
        "study": chance.choice(recipe.titles),
        "study_id": recipe.name,
        "first_arm": recipe.arms[0],
        "second_arm": recipe.arms[1],
        "stages": spoken(recipe.stages),
        "age_column": layout.age,
        "stage_column": layout.stage,
        "response_column": layout.response,
        "subtype_column": layout.subtype,
        "burden_column": layout.burden,
        "purity_column": layout.purity,
    }
    said = [chance.choice(entry.question.texts), entry.question.states, *entry.conventions]
    try:
        parts = [part.format(**words) for part in said if part]
    except KeyError as error:
        raise SpecError(f"bank: {entry.question.name}: {{{error.args[0]}}}: no such name") from None
    if not said[0].startswith("{") or said[0].startswith("{study}"):  # p53 stays p53
        parts[0] = parts[0][0].upper() + parts[0][1:]
    text = "\n\n".join([parts[0], " ".join([*parts[1:], PLACES.format(**words)])])
    return Question(entry, recipe, parameters, text)


def ask_anew(entry: Entry, recipe: Recipe, seed: str, turn: int) -> Question | None:
    """Ask a question of a study once more, for other parameters than the times before.

    Args:
        turn: How often it was asked before.

    Returns:
        The question; None where its parameters have not so many values in this study.
    """
    known: set[str] = set()
    for number in range(DRAWS * (turn + 1)):
        question = ask(entry, recipe, Random(f"{seed}:{number}"))
        key = repr([sorted(v) if isinstance(v, list) else v for v in question.parameters.values()])
        if key not in known:
            if len(known) == turn:
                return question
            known.add(key)
    return None


def aliased(value: Value, chance: Random) -> Value:
    """Give a gene another name in half of the cases where it has one; other values as they are."""
    known = ALIASES.get(value) if isinstance(value, str) else None
    return chance.choice(known) if known and chance.random() < ALIASED else value
