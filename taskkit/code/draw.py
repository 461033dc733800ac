"""Random pieces that the inputs of several families are made of."""

from __future__ import annotations

from random import Random

PROTEIN = "ACDEFGHIKLMNPQRSTVWY"
CHROMOSOMES = ("chr1", "chr2", "chrX")


def dna(chance: Random, low: int, high: int, letters: str = "ACGT") -> str:
    """A text of ``low`` to ``high`` letters."""
    return "".join(chance.choices(letters, k=chance.randint(low, high)))


def mutated(chance: Random, sequence: str, rate: float, letters: str = "ACGT") -> str:
    """A copy in which letters are replaced at a rate."""
    return "".join(chance.choice(letters) if chance.random() < rate else one for one in sequence)


def repeats(chance: Random, low: int, high: int, letters: str = "ACGT") -> str:
    """A text made of runs and of short repeats, in which what overlaps and ties occurs often."""
    made = ""
    length = chance.randint(low, high)
    while len(made) < length:
        made += dna(chance, 1, 3, letters) * chance.randint(1, 4)
    return made[:length]


def planted(chance: Random, low: int, high: int, pieces: list[str], letters: str = "ACGT") -> str:
    """A random text with some of the pieces in it, perhaps side by side."""
    made = ""
    length = chance.randint(low, high)
    while len(made) < length:
        made += chance.choice(pieces) if chance.random() < 0.4 else dna(chance, 1, 5, letters)
    return made


def spans(chance: Random, most: int, end: int, width: int) -> list[list[int]]:
    """Up to ``most`` half-open intervals below ``end``; some touch, nest or repeat."""
    made: list[list[int]] = []
    for _ in range(chance.randint(0, most)):
        if made and chance.random() < 0.3:
            start = chance.choice(made)[chance.randint(0, 1)]
        else:
            start = chance.randint(0, end)
        made.append([start, start + chance.randint(1, width)])
    return made


def numbers(chance: Random, low: int, high: int, least: float, most: float) -> list[float]:
    """A list of numbers with one decimal, in which ties occur."""
    return [round(chance.uniform(least, most), 1) for _ in range(chance.randint(low, high))]


def grown(chance: Random, names: list[str], *, binary: bool = False) -> str:
    """A random Newick text over the names."""
    nodes = [f"{name}:{round(chance.uniform(0.1, 3), 1)}" for name in names]
    while len(nodes) > 1:
        count = min(len(nodes), 2 if binary else chance.choice([2, 2, 2, 3]))
        chance.shuffle(nodes)
        inner = chance.choice(["", "", "x", "90"])
        joined = f"({','.join(nodes[:count])}){inner}"
        last = len(nodes) == count
        nodes = [joined if last else f"{joined}:{round(chance.uniform(0.1, 3), 1)}", *nodes[count:]]
    return nodes[0] + ";"


def leaf_names(chance: Random, low: int, high: int) -> list[str]:
    """Names of leaves."""
    return list("ABCDEFGH"[: chance.randint(low, high)])
