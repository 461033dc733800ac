"""Columns of alignments: CIGAR strings, pileups, consensus, weight matrices."""

from __future__ import annotations

import math
import re
from collections import Counter
from random import Random
from typing import Literal

from taskkit.code.draw import dna, mutated, planted
from taskkit.code.family import Arguments, family

RINGS = {"A": "R", "G": "R", "C": "Y", "T": "Y"}

AMBIGUOUS = {
    **{"A": "A", "C": "C", "G": "G", "T": "T", "AG": "R", "CT": "Y", "CG": "S", "AT": "W"},
    **{"GT": "K", "AC": "M", "CGT": "B", "AGT": "D", "ACT": "H", "ACG": "V", "ACGT": "N"},
}


def _cigar(chance: Random) -> Arguments:
    parts = []
    if chance.random() < 0.3:
        parts.append(f"{chance.randint(1, 3)}{chance.choice('SH')}")
    for _ in range(chance.randint(1, 4)):
        parts.append(f"{chance.randint(1, 5)}{chance.choice('MMM=X')}")
        if chance.random() < 0.6:
            parts.append(f"{chance.randint(1, 4)}{chance.choice('IDNP')}")
    parts.append(f"{chance.randint(1, 5)}M")
    if chance.random() < 0.3:
        parts.append(f"{chance.randint(1, 3)}S")
    return ["".join(parts), chance.randint(0, 20), chance.randint(0, 14)]


@family(
    _cigar,
    edges=[
        ["5M", 0, 0],
        ["5M", 10, 4],
        ["5M", 3, 5],
        ["2S3M", 5, 1],
        ["3M2D3M", 0, 3],
        ["3M2I3M", 7, 3],
        ["2H2S4M", 0, 2],
        ["1M9N1M", 0, 1],
    ],
)
def cigar_position(
    cigar: str,
    start: int,
    offset: int,
    *,
    of: Literal["read", "reference"],
    clipped: Literal["counted", "removed"],
    missing: Literal["none", "left", "right"],
    base: Literal["zero", "one"],
) -> int | None:
    """The partner of a position in an alignment that a CIGAR describes."""
    shift = 1 if base == "one" else 0
    read, reference = 0, start - shift
    pairs: list[tuple[int | None, int | None]] = []
    for size, kind in re.findall(r"(\d+)([MIDNSHP=X])", cigar):
        for _ in range(int(size)):
            if kind in "M=X":
                pairs.append((read, reference))
            elif kind in "DN":
                pairs.append((None, reference))
            elif kind == "I" or (kind == "S" and clipped == "counted"):
                pairs.append((read, None))
            if kind in "M=XI" or (kind == "S" and clipped == "counted"):
                read += 1
            if kind in "M=XDN":
                reference += 1
    side = 0 if of == "read" else 1
    wanted = offset - shift if of == "read" else start - shift + offset
    at = next((n for n, pair in enumerate(pairs) if pair[side] == wanted), None)
    if at is None:
        return None
    found = pairs[at][1 - side]
    if found is None and missing == "left":
        found = next(
            (one[1 - side] for one in reversed(pairs[:at]) if one[1 - side] is not None), None
        )
    if found is None and missing == "right":
        found = next((one[1 - side] for one in pairs[at:] if one[1 - side] is not None), None)
    return None if found is None else found + shift


@family(
    _cigar,
    edges=[
        ["5M", 0, 0],
        ["2S3M1D2M", 0, 0],
        ["3M100N3M", 0, 0],
        ["5H5M", 0, 0],
        ["2M1I2M", 0, 0],
        ["3=1X3=", 0, 0],
        ["4M2P4M", 0, 0],
    ],
)
def cigar_summary(
    cigar: str,
    start: int,
    mismatches: int,
    *,
    report: Literal["blocks", "lengths", "changes", "collapsed"],
    split: Literal["at_skips", "at_gaps", "never"],
    clipping: Literal["soft", "soft_and_hard", "no_clips"],
    base: Literal["zero", "one"],
) -> object:
    """What a CIGAR says of an alignment."""
    parts = [(int(size), kind) for size, kind in re.findall(r"(\d+)([MIDNSHP=X])", cigar)]
    if report == "collapsed":
        joined: list[list[object]] = []
        for size, kind in parts:
            letter = "M" if kind in "=X" else kind
            if (letter == "H" and clipping != "soft_and_hard") or letter == "P":
                continue
            if letter == "S" and clipping == "no_clips":
                continue
            if joined and joined[-1][1] == letter:
                joined[-1][0] = int(str(joined[-1][0])) + size
            else:
                joined.append([size, letter])
        return "".join(f"{size}{letter}" for size, letter in joined)
    if report == "lengths":
        read = sum(size for size, kind in parts if kind in "MI=X")
        if clipping != "no_clips":
            read += sum(size for size, kind in parts if kind == "S")
        if clipping == "soft_and_hard":
            read += sum(size for size, kind in parts if kind == "H")
        kinds = "MD=X" if split == "at_skips" else "M=X" if split == "at_gaps" else "MDN=X"
        return [read, sum(size for size, kind in parts if kind in kinds)]
    if report == "changes":
        gaps = [size for size, kind in parts if kind in "ID"]
        count = len(gaps) if split == "at_gaps" else sum(gaps)
        clips = [size for size, kind in parts if kind == "S" and clipping != "no_clips"]
        clips += [size for size, kind in parts if kind == "H" and clipping == "soft_and_hard"]
        return [mismatches + count, sum(clips)]
    shift = 1 if base == "one" else 0
    at = start
    blocks: list[list[int]] = []
    fresh = True
    for size, kind in parts:
        if kind in "DN":
            fresh = fresh or (split == "at_gaps") or (split == "at_skips" and kind == "N")
        if kind in "M=X":
            if fresh:
                blocks.append([at, at])
            blocks[-1][1] = at + size - shift
            fresh = False
        if kind in "M=XDN":
            at += size
    return blocks


def _piled(chance: Random) -> Arguments:
    reference = dna(chance, 1, 8)
    reads = []
    for _ in range(chance.randint(0, 6)):
        start = chance.randint(0, len(reference) - 1)
        part = mutated(chance, reference[start : start + chance.randint(1, 6)], 0.3, "ACGTN-")
        reads.append([start, part, chance.choice([5, 20, 30]), chance.choice("+-")])
    return [reference, reads, chance.choice([1, 2])]


@family(
    _piled,
    edges=[
        ["A", [], 1],
        ["AC", [[0, "AC", 30, "+"]], 1],
        ["AC", [[1, "CGG", 30, "-"]], 1],
        ["A", [[0, "C", 30, "+"], [0, "G", 30, "-"]], 1],
        ["A", [[0, "-", 30, "+"]], 1],
    ],
)
def pileup(
    reference: str,
    reads: list[list[object]],
    least: int,
    *,
    quality: Literal["all_reads", "twenty_up"],
    deletions: Literal["counted", "ignored"],
    strands: Literal["any", "both_needed"],
    report: Literal["depths", "calls", "variants", "consensus"],
) -> object:
    """What the reads over each position of a reference say."""
    columns: list[list[tuple[str, str]]] = [[] for _ in reference]
    for start, bases, score, strand in reads:
        if quality == "twenty_up" and int(str(score)) < 20:
            continue
        for step, letter in enumerate(str(bases)):
            at = int(str(start)) + step
            if at < len(reference) and letter != "N":
                if letter != "-" or deletions == "counted":
                    columns[at].append((letter, str(strand)))
    if report == "depths":
        return [len(column) for column in columns]
    calls: list[str | None] = []
    for column in columns:
        counts = Counter(letter for letter, _ in column)
        good = []
        for letter, count in counts.items():
            sides = {strand for one, strand in column if one == letter}
            if count >= least and (strands == "any" or len(sides) == 2):
                good.append((-count, letter))
        calls.append(min(good)[1] if good else None)
    if report == "calls":
        return calls
    if report == "consensus":
        return "".join(call or "N" for call in calls).replace("-", "")
    return [
        [at, reference[at], call] for at, call in enumerate(calls) if call and call != reference[at]
    ]


def _stacked(chance: Random) -> Arguments:
    size = chance.randint(1, 8)
    first = dna(chance, size, size)
    rows = [mutated(chance, first, 0.35, "ACGT-N") for _ in range(chance.randint(1, 6))]
    return [rows]


@family(
    _stacked,
    edges=[
        [["A"]],
        [["A", "C"]],
        [["-", "A"]],
        [["-", "-", "A"]],
        [["N", "N"]],
        [["A", "G", "T", "C"]],
        [["AC", "AG", "TT"]],
    ],
)
def consensus(
    rows: list[str],
    *,
    tie: Literal["alphabet", "ambiguity", "unknown"],
    threshold: Literal["plurality", "majority", "two_thirds"],
    gaps: Literal["counted", "ignored"],
    output: Literal["kept_gaps", "removed_gaps"],
) -> str:
    """The consensus of aligned sequences."""
    made = ""
    for column in zip(*rows, strict=True):
        letters = [letter for letter in column if letter in "ACGT"]
        if gaps == "counted":
            letters += [letter for letter in column if letter == "-"]
        counts = Counter(letters)
        if not counts:
            made += "-" if set(column) == {"-"} else "N"
            continue
        most = max(counts.values())
        best = sorted(letter for letter, count in counts.items() if count == most)
        if (threshold == "majority" and 2 * most <= len(letters)) or (
            threshold == "two_thirds" and 3 * most < 2 * len(letters)
        ):
            made += "N"
        elif len(best) == 1 or tie == "alphabet":
            made += best[0]
        elif tie == "ambiguity" and "-" not in best:
            made += AMBIGUOUS["".join(best)]
        else:
            made += "N"
    return made.replace("-", "") if output == "removed_gaps" else made


def _matrix(chance: Random) -> Arguments:
    size = chance.randint(1, 4)
    motif = dna(chance, size, size)
    sites = [mutated(chance, motif, 0.3) for _ in range(chance.randint(1, 5))]
    return [sites, planted(chance, 0, 14, [motif, *sites], "ACGTN")]


@family(
    _matrix,
    edges=[
        [["A"], ""],
        [["A"], "A"],
        [["AC"], "A"],
        [["AC", "AG"], "ACAG"],
        [["A", "C", "G", "T"], "ACGTN"],
    ],
    compare="float",
)
def weight_matrix(
    sites: list[str],
    sequence: str,
    *,
    pseudocount: Literal["one_each", "quarter_each", "root"],
    background: Literal["uniform", "at_rich"],
    log: Literal["base_two", "natural"],
    report: Literal["best", "scores", "hits", "information"],
) -> object:
    """Scores of a position weight matrix made from aligned sites."""
    total = len(sites)
    if pseudocount == "root":
        added = math.sqrt(total) / 4
    else:
        added = 1.0 if pseudocount == "one_each" else 0.25
    ground = dict.fromkeys("ACGT", 0.25)
    if background == "at_rich":
        ground = {"A": 0.3, "C": 0.2, "G": 0.2, "T": 0.3}
    unit = math.log(2) if log == "base_two" else 1.0
    shares, weights = [], []
    for column in zip(*sites, strict=True):
        share = {base: (column.count(base) + added) / (total + 4 * added) for base in "ACGT"}
        shares.append(share)
        weights.append({base: math.log(share[base] / ground[base]) / unit for base in "ACGT"})
    if report == "information":
        return [
            sum(share[base] * weight[base] for base in "ACGT")
            for share, weight in zip(shares, weights, strict=True)
        ]
    scores: list[float | None] = []
    for at in range(len(sequence) - len(weights) + 1):
        part = sequence[at : at + len(weights)]
        if "N" in part:
            scores.append(None)
        else:
            scores.append(sum(one[base] for one, base in zip(weights, part, strict=True)))
    if report == "scores":
        return scores
    if report == "hits":
        return [at for at, score in enumerate(scores) if score is not None and score > 0.01]
    known = [(-score, at) for at, score in enumerate(scores) if score is not None]
    return [min(known)[1], -min(known)[0]] if known else None
