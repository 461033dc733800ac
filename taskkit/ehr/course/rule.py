"""Rules of the tables: how likely something is, given what a patient has."""

from __future__ import annotations

from collections.abc import Collection

Rule = tuple[tuple[str, float], ...]
"""Pairs of a trait and a number: a probability, or an effect."""
CERTAIN = 0.985  # the most that a product of probabilities may reach


def read_rule(text: str) -> Rule:
    """Read pairs such as ``fibrillation:0.45 old-clot:0.4``; a dash stands for none.

    Raises:
        ValueError: a pair has no number.
    """
    if text == "-":
        return ()
    pairs = (pair.rsplit(":", 1) for pair in text.split())
    return tuple((trait, float(number)) for trait, number in pairs)


def probability(rule: Rule, traits: Collection[str], scale: float = 1.0) -> float:
    """The chance that one trait or another brings something about, each independently.

    Args:
        rule: The chance that each trait has of doing so.
        traits: Those that are present.
        scale: Factor on each chance.
    """
    none = 1.0
    for trait, chance in rule:
        if trait in traits:
            scaled = chance * scale
            none *= 1 - (scaled if scaled < CERTAIN else CERTAIN)
    return 1 - none


def cause(rule: Rule, traits: Collection[str]) -> str:
    """The trait present that is most likely to have brought something about."""
    present = [(number, trait) for trait, number in rule if trait in traits]
    return max(present)[1] if present else "any"


def ramp(age: float, start: float, full: float) -> float:
    """How far something that begins with age has come: 0 before ``start``, 1 from ``full`` on."""
    if age < start:
        return 0.0
    return 1.0 if age >= full else (age - start + 1) / (full - start + 1)
