"""Record formats of sequences and reads: FASTA and FASTQ."""

from __future__ import annotations

import math
from random import Random
from typing import Any, Literal

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


def _fasta(chance: Random) -> Arguments:
    lines = [""] * chance.choice([0, 0, 1])
    for _ in range(chance.randint(0, 4)):
        name = chance.choice(["s1", "s2", "chrX", "sp|P1|A"])
        lines.append(f">{name}{chance.choice(['', ' human gene', ' x'])}")
        for _ in range(chance.choice([0, 1, 1, 2, 3])):
            lines.append(dna(chance, 1, 8, "ACGTacgt-*"))
        lines += [""] * chance.choice([0, 0, 0, 1])
    return [chance.choice(["\n", "\n", "\r\n"]).join(lines)]


@family(
    _fasta,
    edges=[[""], [">a"], [">a\n"], [">a b\nAC\nGT\n>a\nTT\n"], [">a\n\n>b\nA"], [">a\nac-gt*\n"]],
)
def parse_fasta(
    text: str,
    *,
    name: Literal["word", "line"],
    repeated: Literal["first", "last", "joined", "raise"],
    case: Literal["kept", "upper"],
    marks: Literal["kept", "dropped"],
    empty: Literal["kept", "dropped"],
) -> dict[str, str]:
    """The records of a FASTA text."""
    records: list[list[str]] = []
    for line in text.splitlines():
        line = line.strip()
        if line.startswith(">"):
            header = line[1:].strip()
            records.append([header.split()[0] if name == "word" else header, ""])
        elif line and records:
            records[-1][1] += line
    made: dict[str, str] = {}
    for key, sequence in records:
        if case == "upper":
            sequence = sequence.upper()
        if marks == "dropped":
            sequence = sequence.replace("-", "").replace("*", "")
        if empty == "dropped" and not sequence:
            continue
        if key in made:
            if repeated == "raise":
                raise ValueError("a name stands twice")
            if repeated == "first":
                continue
            if repeated == "joined":
                sequence = made[key] + sequence
        made[key] = sequence
    return made


def _written(chance: Random) -> Arguments:
    names = ["b", "a", "c 1", "d"]
    records = [
        [chance.choice(names), dna(chance, 0, 25, "ACGTacgtN")] for _ in range(chance.randint(0, 4))
    ]
    return [records, chance.choice([0, 3, 5, 10])]


@family(
    _written,
    edges=[
        [[], 5],
        [[["a", ""]], 5],
        [[["a", "ACGTA"]], 5],
        [[["a", "ACGTAC"]], 5],
        [[["b", "AC"], ["a", "ACG"], ["b", "T"]], 0],
    ],
    compare="lines",
)
def write_fasta(
    records: list[list[str]],
    width: int,
    *,
    order: Literal["given", "name", "longest"],
    header: Literal["name", "length", "number"],
    masking: Literal["kept", "upper", "hard"],
    empty: Literal["kept", "dropped"],
) -> str:
    """Records as a FASTA text."""
    chosen = [one for one in records if one[1]] if empty == "dropped" else list(records)
    if order == "name":
        chosen.sort(key=lambda one: one[0])
    elif order == "longest":
        chosen.sort(key=lambda one: -len(one[1]))
    lines = []
    for number, (name, sequence) in enumerate(chosen, 1):
        if header == "length":
            lines.append(f">{name} length={len(sequence)}")
        elif header == "number":
            lines.append(f">{number}_{name}")
        else:
            lines.append(f">{name}")
        if masking == "upper":
            sequence = sequence.upper()
        elif masking == "hard":
            sequence = "".join("N" if letter.islower() else letter for letter in sequence)
        step = width or max(1, len(sequence))
        lines += [sequence[at : at + step] for at in range(0, len(sequence), step)]
    return "\n".join(lines) + "\n" if lines else ""


def _fastq(chance: Random) -> Arguments:
    lines = []
    for number in range(chance.randint(0, 5)):
        bases = dna(chance, 1, 8, "ACGTN")
        quality = "".join(chr(33 + chance.choice([2, 15, 20, 30, 40, 64])) for _ in bases)
        lines += [f"@r{number} {chance.choice(['1:N:0', '2:Y:0', '1:Y:0'])}", bases, "+", quality]
    return ["\n".join(lines) + ("\n" if lines else ""), chance.choice([10, 15, 20, 30])]


@family(
    _fastq,
    edges=[["", 20], ["@a 1:N:0\nA\n+\n5\n", 20], ["@a 1:Y:0\nAN\n+\n5?\n", 20]],
    compare="float",
)
def filter_reads(
    fastq: str,
    least: int,
    *,
    average: Literal["mean", "error", "lowest", "median"],
    unknown: Literal["allowed", "refused"],
    failed: Literal["allowed", "refused"],
    report: Literal["names", "kept_share", "qualities"],
) -> object:
    """The reads of a FASTQ text whose quality suffices."""
    lines = fastq.splitlines()
    kept: list[list[Any]] = []
    total = 0
    for at in range(0, len(lines) - 3, 4):
        total += 1
        name, _, rest = lines[at][1:].partition(" ")
        scores = sorted(ord(letter) - 33 for letter in lines[at + 3])
        if unknown == "refused" and "N" in lines[at + 1]:
            continue
        if failed == "refused" and rest.split(":")[1] == "Y":
            continue
        if average == "mean":
            quality = sum(scores) / len(scores)
        elif average == "lowest":
            quality = float(scores[0])
        elif average == "median":
            middle = len(scores) // 2
            quality = (scores[middle] + scores[-middle - 1]) / 2
        else:
            error = sum(10 ** (-score / 10) for score in scores) / len(scores)
            quality = -10 * math.log10(error)
        if quality >= least - 1e-9:
            kept.append([name, quality])
    if report == "names":
        return [one[0] for one in kept]
    if report == "qualities":
        return [one[1] for one in kept]
    return len(kept) / total if total else 0.0


def _quality(chance: Random) -> Arguments:
    bases = dna(chance, 0, 14)
    scores = [chance.choice([2, 2, 10, 20, 25, 30, 40]) for _ in bases]
    return [bases, scores, chance.choice([10, 20, 25]), chance.randint(1, 4)]


@family(
    _quality,
    edges=[
        ["", [], 20, 1],
        ["A", [2], 20, 1],
        ["A", [20], 20, 2],
        ["ACG", [2, 40, 2], 20, 1],
        ["ACGT", [40, 2, 2, 40], 20, 2],
    ],
)
def trim_read(
    bases: str,
    scores: list[int],
    least: int,
    window: int,
    *,
    method: Literal["ends", "window", "best_sum"],
    side: Literal["both", "tail"],
    short: Literal["kept", "dropped"],
    report: Literal["bases", "range"],
) -> object:
    """A read without its bad ends."""
    start, end = 0, len(bases)
    if method == "ends":
        while end > 0 and scores[end - 1] < least:
            end -= 1
        while side == "both" and start < end and scores[start] < least:
            start += 1
    elif method == "window":
        if side == "both":
            while start + window <= end and sum(scores[start : start + window]) < least * window:
                start += 1
        for at in range(start, len(bases) - window + 1):
            if sum(scores[at : at + window]) < least * window:
                end = at
                break
    else:
        best = 0
        end = 0
        for one in range(len(bases) if side == "both" else min(1, len(bases))):
            total = 0
            for at in range(one, len(bases)):
                total += scores[at] - least
                if total > best:
                    best, start, end = total, one, at + 1
    if short == "dropped" and end - start < 3:
        start = end = 0
    if report == "range":
        return [start, end]
    return bases[start:end]
