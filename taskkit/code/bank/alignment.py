"""Alignments: scores, edit distances, identity, shared pieces, minimizers."""

from __future__ import annotations

from random import Random
from typing import Literal

from taskkit.code.draw import dna, mutated, repeats
from taskkit.code.family import Arguments, family

RINGS = {"A": "R", "G": "R", "C": "Y", "T": "Y"}

AMBIGUOUS = {
    **{"A": "A", "C": "C", "G": "G", "T": "T", "AG": "R", "CT": "Y", "CG": "S", "AT": "W"},
    **{"GT": "K", "AC": "M", "CGT": "B", "AGT": "D", "ACT": "H", "ACG": "V", "ACGT": "N"},
}


def _pair(chance: Random) -> Arguments:
    first = chance.choice([dna, repeats])(chance, 0, 9)
    second = mutated(chance, first, 0.3) if chance.random() < 0.6 else dna(chance, 0, 9)
    at = chance.randint(0, len(second))
    return [first, second[:at] + dna(chance, 0, 2) + second[at + chance.randint(0, 2) :]]


@family(
    _pair, edges=[["", ""], ["A", ""], ["", "ACG"], ["ACGT", "ACGT"], ["AAA", "TTT"], ["AG", "GA"]]
)
def alignment_score(
    first: str,
    second: str,
    *,
    kind: Literal["overall", "local", "semiglobal", "overlap"],
    gaps: Literal["linear", "affine"],
    substitution: Literal["flat", "transition_aware"],
    report: Literal["score", "score_and_end"],
) -> object:
    """The best score of an alignment of two sequences."""
    low = -1000
    opening = 3 if gaps == "affine" else 0
    rows, columns = len(first) + 1, len(second) + 1
    main = [[low] * columns for _ in range(rows)]
    down = [[low] * columns for _ in range(rows)]
    across = [[low] * columns for _ in range(rows)]
    main[0][0] = 0
    for i in range(rows):
        for j in range(columns):
            if (
                kind == "local"
                or (kind == "semiglobal" and i == 0)
                or (kind == "overlap" and j == 0)
            ):
                main[i][j] = 0
            if i:
                down[i][j] = max(down[i - 1][j] - 1, main[i - 1][j] - opening - 1)
            if j:
                across[i][j] = max(across[i][j - 1] - 1, main[i][j - 1] - opening - 1)
            step = low
            if i and j:
                one, other = first[i - 1], second[j - 1]
                if substitution == "transition_aware":
                    change = -1 if RINGS[one] == RINGS[other] else -3
                else:
                    change = -2
                step = main[i - 1][j - 1] + (2 if one == other else change)
            main[i][j] = max(main[i][j], step, down[i][j], across[i][j])
    if kind == "local":
        ends = [(i, j) for i in range(rows) for j in range(columns)]
    elif kind == "overall":
        ends = [(rows - 1, columns - 1)]
    else:
        ends = [(rows - 1, j) for j in range(columns)]
    best = max(ends, key=lambda end: (main[end[0]][end[1]], -end[0], -end[1]))
    score = main[best[0]][best[1]]
    return [score, *best] if report == "score_and_end" else score


@family(
    _pair,
    edges=[["", ""], ["A", ""], ["", "ACG"], ["ACGT", "ACGT"], ["AC", "CA"], ["ACGT", "CAGT"]],
    compare="float",
)
def edit_distance(
    first: str,
    second: str,
    *,
    edits: Literal["levenshtein", "with_swaps", "gaps_only"],
    costs: Literal["unit", "transitions_half", "gaps_double"],
    scale: Literal["plain", "per_longer", "similarity"],
    ends: Literal["whole", "free_tail"],
) -> float:
    """The cost of turning one sequence into another."""
    gap = 2.0 if costs == "gaps_double" else 1.0
    table = [[0.0] * (len(second) + 1) for _ in range(len(first) + 1)]
    for i in range(len(first) + 1):
        for j in range(len(second) + 1):
            if i == 0 or j == 0:
                table[i][j] = gap * (i + j)
                continue
            one, other = first[i - 1], second[j - 1]
            if one == other:
                change = 0.0
            elif edits == "gaps_only":
                change = 2 * gap
            elif costs == "transitions_half":
                change = 0.5 if RINGS[one] == RINGS[other] else 1.0
            else:
                change = 1.0
            best = min(table[i - 1][j] + gap, table[i][j - 1] + gap, table[i - 1][j - 1] + change)
            if edits == "with_swaps" and i > 1 and j > 1 and one != other:
                if one == second[j - 2] and first[i - 2] == other:
                    best = min(best, table[i - 2][j - 2] + 1.0)
            table[i][j] = best
    cost = min(table[-1]) if ends == "free_tail" else table[-1][-1]
    longer = max(len(first), len(second))
    if scale == "plain":
        return cost
    share = cost / longer if longer else 0.0
    return 1 - share if scale == "similarity" else share


def _aligned(chance: Random) -> Arguments:
    first = dna(chance, 0, 16, "ACGT-N")
    second = mutated(chance, first, 0.3, "ACGT-N")
    return [first, second.lower() if chance.random() < 0.15 else second]


@family(
    _aligned,
    edges=[
        ["", ""],
        ["A", "A"],
        ["-", "A"],
        ["--A", "--A"],
        ["N", "A"],
        ["AC-G", "ACTG"],
        ["acg", "ACT"],
    ],
    compare="float",
)
def percent_identity(
    first: str,
    second: str,
    *,
    denominator: Literal["columns", "ungapped", "shorter", "blast"],
    unknown: Literal["mismatch", "skipped", "wildcard"],
    case: Literal["folded", "distinct"],
    empty: Literal["none", "zero"],
) -> float | None:
    """The identity of two aligned sequences, in percent."""
    if case == "folded":
        first, second = first.upper(), second.upper()
    same = both = columns = runs = 0
    lengths = [0, 0]
    gapped = False
    for one, other in zip(first, second, strict=True):
        if one == "-" and other == "-":
            continue
        if unknown == "skipped" and "N" in one + other:
            continue
        columns += 1
        lengths[0] += one != "-"
        lengths[1] += other != "-"
        if one == "-" or other == "-":
            runs += not gapped
            gapped = True
            continue
        gapped = False
        both += 1
        if unknown == "wildcard":
            same += one == other or "N" in one + other
        else:
            same += one == other and one != "N"
    if denominator == "columns":
        total = columns
    elif denominator == "ungapped":
        total = both
    elif denominator == "shorter":
        total = min(lengths)
    else:
        total = both + runs
    if total == 0:
        return None if empty == "none" else 0.0
    return 100 * same / total


def _strings(chance: Random) -> Arguments:
    shared = dna(chance, 0, 5)
    return [[dna(chance, 0, 5) + shared + dna(chance, 0, 5) for _ in range(chance.randint(1, 3))]]


@family(
    _strings,
    edges=[
        [["ACGT"]],
        [["ACGT", "TTTT"]],
        [["", "A"]],
        [["AC", "CA"]],
        [["GATTACA", "TAGACCA", "ATACA"]],
    ],
)
def shared_motif(
    sequences: list[str],
    *,
    match: Literal["substring", "prefix_only", "reverse_too"],
    tie: Literal["alphabet", "first_place"],
    report: Literal["text", "length", "all"],
    quorum: Literal["every", "most"],
) -> object:
    """The longest piece that sequences share."""
    others = dict(zip("ACGT", "TGCA", strict=True))
    needed = len(sequences) if quorum == "every" else len(sequences) // 2 + 1
    first = sequences[0]
    best: list[str] = []
    for length in range(len(first), 0, -1):
        for at in range(len(first) - length + 1):
            piece = first[at : at + length]
            count = 0
            for sequence in sequences:
                if match == "prefix_only":
                    count += sequence.startswith(piece)
                elif match == "reverse_too":
                    turned = "".join(others[letter] for letter in reversed(piece))
                    count += piece in sequence or turned in sequence
                else:
                    count += piece in sequence
            if count >= needed and piece not in best:
                best.append(piece)
        if best:
            break
    if report == "length":
        return len(best[0]) if best else 0
    if report == "all":
        return sorted(best) if tie == "alphabet" else best
    if not best:
        return ""
    return min(best) if tie == "alphabet" else best[0]


def _minimized(chance: Random) -> Arguments:
    return [
        chance.choice([dna, repeats])(chance, 0, 20),
        chance.randint(1, 3),
        chance.randint(1, 4),
    ]


@family(
    _minimized, edges=[["", 2, 2], ["ACG", 2, 2], ["AAAA", 1, 2], ["ACGT", 3, 3], ["TTTTT", 2, 3]]
)
def minimizers(
    sequence: str,
    k: int,
    window: int,
    *,
    order: Literal["alphabet", "reverse_alphabet", "gc_poor"],
    tie: Literal["leftmost", "rightmost"],
    strands: Literal["given", "canonical"],
    report: Literal["positions", "words", "density"],
) -> object:
    """The minimizers of a sequence."""
    others = dict(zip("ACGT", "TGCA", strict=True))
    words = []
    for at in range(len(sequence) - k + 1):
        word = sequence[at : at + k]
        if strands == "canonical":
            word = min(word, "".join(others[letter] for letter in reversed(word)))
        words.append(word)
    chosen: list[int] = []
    for start in range(len(words) - window + 1):
        places = list(range(start, start + window))
        if tie == "rightmost":
            places.reverse()
        if order == "reverse_alphabet":
            best = max(words[at] for at in places)
            pick = next(at for at in places if words[at] == best)
        elif order == "gc_poor":
            pick = min(
                places, key=lambda at: (words[at].count("G") + words[at].count("C"), words[at])
            )
        else:
            pick = min(places, key=lambda at: words[at])
        if pick not in chosen:
            chosen.append(pick)
    if report == "positions":
        return sorted(chosen)
    if report == "density":
        return [len(chosen), len(words)]
    return sorted({words[at] for at in chosen})
