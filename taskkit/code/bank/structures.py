"""Flags and features: SAM, PDB and GenBank."""

from __future__ import annotations

import math
import re
from random import Random
from typing import Literal

from taskkit.code.draw import dna
from taskkit.code.family import Arguments, family

FLAGS = (
    "paired",
    "proper",
    "unmapped",
    "mate_unmapped",
    "reverse",
    "mate_reverse",
    "first",
    "second",
    "secondary",
    "failed",
    "duplicate",
    "supplementary",
)

OTHERS = dict(zip("ACGTN", "TGCAN", strict=True))


def _sam(chance: Random) -> Arguments:
    lines = ["@SQ\tSN:c1\tLN:90"] * chance.randint(0, 1)
    for number in range(chance.randint(0, 6)):
        flag = sum(1 << bit for bit in range(12) if chance.random() < 0.18)
        cigar = chance.choice(["8M", "3M2D5M", "2S6M", "4M1I3M", "3M5N2M", "*"])
        lines.append(
            f"r{number % 4}\t{flag}\t{chance.choice(['c1', 'c1', 'c2'])}\t"
            f"{chance.randint(1, 40)}\t{chance.choice([0, 9, 10, 20, 60])}\t{cigar}"
        )
    return ["\n".join(lines), chance.choice([0, 10, 20])]


@family(
    _sam,
    edges=[["", 0], ["r\t4\t*\t0\t0\t*", 0], ["r\t16\tc1\t5\t10\t3M2D5M", 10], ["@HD\tVN:1.6", 0]],
)
def select_alignments(
    sam: str,
    least: int,
    *,
    secondary: Literal["all", "primary"],
    duplicates: Literal["kept", "dropped"],
    strand: Literal["either", "forward", "reverse"],
    report: Literal["names", "spans", "per_reference"],
    base: Literal["one", "zero"],
) -> object:
    """The alignments of a SAM text that pass a filter."""
    names: list[str] = []
    spans: list[list[object]] = []
    counts: dict[str, int] = {}
    for line in sam.splitlines():
        if line.startswith("@"):
            continue
        name, flag_text, reference, position, quality, cigar = line.split("\t")[:6]
        flag = int(flag_text)
        if flag & 4 or cigar == "*" or int(quality) < least:
            continue
        if secondary == "primary" and flag & (256 | 2048):
            continue
        if duplicates == "dropped" and flag & 1024:
            continue
        if strand == "forward" and flag & 16:
            continue
        if strand == "reverse" and not flag & 16:
            continue
        length = sum(
            int(size) for size, kind in re.findall(r"(\d+)([MIDNSHP=X])", cigar) if kind in "MDN=X"
        )
        first = int(position)
        names.append(name)
        if base == "one":
            spans.append([reference, first, first + length - 1])
        else:
            spans.append([reference, first - 1, first - 1 + length])
        counts[reference] = counts.get(reference, 0) + 1
    if report == "names":
        return names
    return counts if report == "per_reference" else spans


def _flag(chance: Random) -> Arguments:
    return [
        [
            sum(1 << bit for bit in range(12) if chance.random() < 0.3)
            for _ in range(chance.randint(0, 5))
        ]
    ]


@family(_flag, edges=[[[]], [[0]], [[4095]], [[99, 147]], [[4]], [[1 << 11]], [[73, 133]]])
def flag_summary(
    flags: list[int],
    *,
    counting: Literal["all", "primary", "passing"],
    pairs: Literal["any", "mapped_pairs"],
    report: Literal["counts", "letters", "orientations"],
) -> object:
    """What the flags of SAM records say."""
    counts = dict.fromkeys(FLAGS, 0)
    letters: list[str] = []
    orientations: list[str] = []
    for flag in flags:
        if counting == "primary" and flag & (256 | 2048):
            continue
        if counting == "passing" and flag & (512 | 1024):
            continue
        if pairs == "mapped_pairs" and (not flag & 1 or flag & (4 | 8)):
            continue
        for bit, name in enumerate(FLAGS):
            counts[name] += flag >> bit & 1
        text = ("p" if flag & 1 else "") + ("P" if flag & 2 else "") + ("u" if flag & 4 else "")
        text += ("U" if flag & 8 else "") + ("r" if flag & 16 else "") + ("R" if flag & 32 else "")
        letters.append(text)
        one = "R" if flag & 16 else "F"
        other = "R" if flag & 32 else "F"
        orientations.append(one + other if flag & 1 else one)
    if report == "counts":
        return {name: count for name, count in counts.items() if count}
    return letters if report == "letters" else orientations


def _pdb(chance: Random) -> Arguments:
    lines = ["HEADER    TEST"]
    serial = 0
    for chain in "AB"[: chance.randint(1, 2)]:
        for number in range(chance.randint(0, 4)):
            for atom in ("N", "CA", "CB")[: chance.randint(1, 3)]:
                for other in chance.choice([" ", " ", "AB"]):
                    serial += 1
                    x, y, z = (round(chance.uniform(-20, 20), 1) for _ in range(3))
                    kind = "HETATM" if chance.random() < 0.15 else "ATOM"
                    lines.append(
                        f"{kind:<6}{serial:>5} {' ' + atom:<4}{other}GLY {chain}{number + 1:>4}    "
                        f"{x:>8.3f}{y:>8.3f}{z:>8.3f}{1.0:>6.2f}{chance.choice([5, 20, 50]):>6.2f}"
                    )
    if chance.random() < 0.2:
        lines.append("ENDMDL")
        lines.append(
            f"ATOM  {serial + 1:>5}  CA  GLY A   9    {1:>8.3f}{1:>8.3f}{1:>8.3f}  1.00 10.00"
        )
    return ["\n".join(lines), chance.choice(["A", "B"])]


@family(
    _pdb,
    edges=[["", "A"], ["ATOM      1  CA  GLY A   1       0.000   0.000   0.000  1.00  5.00", "A"]],
    compare="float",
)
def structure_atoms(
    pdb: str,
    chain: str,
    *,
    atoms: Literal["alpha", "all_atoms"],
    hetero: Literal["without_hetero", "with_hetero"],
    alternate: Literal["first_only", "both_places"],
    models: Literal["first_model", "all_models"],
    report: Literal["centre", "radius", "span", "mean_b"],
) -> object:
    """A measure of the atoms of a chain of a PDB text."""
    places: list[tuple[float, ...]] = []
    factors: list[float] = []
    for line in pdb.splitlines():
        if models == "first_model" and line.startswith("ENDMDL"):
            break
        if not line.startswith(("ATOM", "HETATM") if hetero == "with_hetero" else "ATOM"):
            continue
        if line[21] != chain or (atoms == "alpha" and line[12:16].strip() != "CA"):
            continue
        if alternate == "first_only" and line[16] not in " A":
            continue
        places.append((float(line[30:38]), float(line[38:46]), float(line[46:54])))
        factors.append(float(line[60:66]))
    if not places:
        return None
    size = len(places)
    if report == "mean_b":
        return sum(factors) / size
    if report == "span":
        return max(math.dist(one, other) for one in places for other in places)
    centre = [sum(place[axis] for place in places) / size for axis in range(3)]
    if report == "centre":
        return centre
    return math.sqrt(sum(math.dist(place, centre) ** 2 for place in places) / size)


def _location(chance: Random) -> Arguments:
    sequence = dna(chance, 20, 30)
    parts = []
    at = 1
    for _ in range(chance.randint(1, 3)):
        first = at + chance.randint(0, 3)
        last = min(20, first + chance.randint(0, 4))
        if first > 20:
            break
        text = f"{first}..{last}" if last > first else str(first)
        if chance.random() < 0.15 and last > first:
            text = f"<{first}..>{last}"
        parts.append(f"complement({text})" if chance.random() < 0.3 else text)
        at = last + 1
    whole = parts[0] if len(parts) == 1 else f"join({','.join(parts)})"
    return [
        f"complement({whole})" if chance.random() < 0.3 and "comp" not in whole else whole,
        sequence,
    ]


@family(
    _location,
    edges=[
        ["1", "ACGT"],
        ["1..4", "ACGT"],
        ["complement(2..3)", "ACGT"],
        ["join(1..2,complement(3..4))", "AACC"],
        ["complement(join(1..2,4..4))", "AACG"],
        ["<1..>3", "ACGT"],
    ],
)
def feature_location(
    location: str,
    sequence: str,
    *,
    report: Literal["sequence", "exons", "introns", "length"],
    fuzzy: Literal["accepted", "raise"],
    base: Literal["one", "zero"],
    product: Literal["dna", "rna"],
) -> object:
    """What a GenBank feature location points to."""
    if fuzzy == "raise" and ("<" in location or ">" in location):
        raise ValueError("an end is not known")
    text = location.replace("<", "").replace(">", "")
    reverse = text.startswith("complement(join(")
    pieces = []
    for minus, first, last in re.findall(r"(complement\()?(\d+)(?:\.\.(\d+))?", text):
        pieces.append((int(first), int(last or first), bool(minus)))
    if reverse or text.startswith("complement("):
        pieces = [(first, last, True) for first, last, _ in reversed(pieces)]
    if report == "length":
        return sum(last - first + 1 for first, last, _ in pieces)
    shift = 1 if base == "zero" else 0
    if report == "exons":
        return [[first - shift, last, "-" if minus else "+"] for first, last, minus in pieces]
    if report == "introns":
        ordered = sorted(pieces)
        gaps = zip(ordered, ordered[1:], strict=False)
        return [[one[1] + 1 - shift, other[0] - 1] for one, other in gaps if other[0] > one[1] + 1]
    made = ""
    for first, last, minus in pieces:
        part = sequence[first - 1 : last]
        made += "".join(OTHERS[letter] for letter in reversed(part)) if minus else part
    return made.replace("T", "U") if product == "rna" else made
