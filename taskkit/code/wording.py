"""How a variant is asked for: its family's wording, its requirements, and two calls."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random

import yaml
from pydantic import Field

from taskkit.code.family import Family, Variant
from taskkit.errors import SpecError, blame
from taskkit.oracles.cases import Call
from taskkit.spec.base import Many, Spec

OPENINGS = (
    "Write a Python function `{signature}`.",
    "Implement `{signature}` in Python.",
    "A pipeline of ours needs the Python function `{signature}`.",
    "Please write `{signature}`, a Python function.",
    "The function `{signature}` is missing from a Python module; fill it in.",
)
RULES = ("What holds:", "Details:", "Requirements:", "It has to keep to this:")
HIDDEN = (
    "It is judged on other calls as well, among them empty and unusual ones.",
    "Other calls, empty and odd input among them, decide whether it is right.",
)
PROSE = 0.4  # share of the tasks whose requirements are sentences in a row, not a list


class Wording(Spec):
    """The texts of one family."""

    names: Many[str] = Field(min_length=2)
    """What the function may be called."""
    texts: Many[str] = Field(min_length=2)
    """What it does, in several phrasings."""
    switches: Mapping[str, Mapping[str, str]]
    """What each option of each switch asks for."""


def wordings(folder: Path) -> dict[str, Wording]:
    """Read the wording of every family.

    Raises:
        SpecError: a file is not as it must be.
    """
    made: dict[str, Wording] = {}
    for path in sorted((folder / "families").glob("*.yaml")):
        with blame(SpecError, str(path)):
            for name, fields in yaml.safe_load(path.read_text("utf-8")).items():
                made[name] = Wording.model_validate(fields)
    return made


def matched(families: Mapping[str, Family], texts: Mapping[str, Wording]) -> None:
    """Check that every family has its texts, and every text its option.

    Raises:
        SpecError: something is missing, or is too much.
    """
    for name in sorted({*families, *texts}):
        if name not in families or name not in texts:
            lacks = "reference" if name in texts else "texts"
            raise SpecError(f"family {name!r}: it has no {lacks}: need both")
        wanted = {switch: set(options) for switch, options in families[name].switches.items()}
        given = {switch: set(options) for switch, options in texts[name].switches.items()}
        if wanted != given:
            odd = sorted(one for one in {*wanted, *given} if wanted.get(one) != given.get(one))
            raise SpecError(f"family {name!r}: the options of {odd} are not those of its texts")


def instruction(
    variant: Variant,
    wording: Wording,
    name: str,
    shown: Sequence[Call],
    source: str,
    chance: Random,
) -> str:
    """Write what is asked, without the form of the answer."""
    signature = chance.choice(OPENINGS).format(signature=signed(source, name))
    said = [
        wording.switches[switch][option]
        for switch, option in variant.options.items()
        if matters(variant, switch, source, name)
    ]
    chance.shuffle(said)
    text = f"{signature} {chance.choice(wording.texts)}"
    if chance.random() < PROSE:
        asked = " ".join([text, *said])
    else:
        asked = "\n".join([text, chance.choice(RULES), *(f"- {one}" for one in said)])
    examples = "\n".join(f"    {example(name, call)}" for call in shown)
    return f"{asked}\n\nTwo calls:\n{examples}\n\n{chance.choice(HIDDEN)}"


def matters(variant: Variant, switch: str, source: str, name: str) -> bool:
    """Whether another option of a switch would make another function of a variant."""
    others = (
        Variant(variant.family, {**variant.options, switch: option})
        for option in variant.family.switches[switch]
        if option != variant.options[switch]
    )
    return any(one.source(name) != source for one in others)


def signed(source: str, name: str) -> str:
    """Give the signature of a function of a module, without what it returns."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return f"{name}({ast.unparse(node.args)})"
    raise ValueError(f"no function {name}")


def example(name: str, call: Call) -> str:
    """Write a call with its result, as Python has both."""
    arguments = ", ".join(repr(one) for one in json.loads(call.arguments))
    if call.raises is not None:
        return f"{name}({arguments}) raises {call.raises}"
    return f"{name}({arguments}) -> {json.loads(call.expected or 'null')!r}"
