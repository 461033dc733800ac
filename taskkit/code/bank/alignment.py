"""Alignments: scores, edit distances, CIGAR strings, pileups, consensus, weight matrices."""

from __future__ import annotations

import math
import re
from collections import Counter
from random import Random
from typing import Literal

from taskkit.code.draw import dna, mutated, planted, repeats
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


@family(_pair, edges=[["", ""], ["A", ""], ["", "ACG"], ["ACGT", "ACGT"], ["AAA", "TTT"],
                      ["AG", "GA"]])  # fmt: skip
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
            if kind == "local" or (kind == "semiglobal" and i == 0) or (kind == "overlap" and j == 0):
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


@family(_pair, edges=[["", ""], ["A", ""], ["", "ACG"], ["ACGT", "ACGT"], ["AC", "CA"],
                      ["ACGT", "CAGT"]], compare="float")  # fmt: skip
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


@family(_aligned, edges=[["", ""], ["A", "A"], ["-", "A"], ["--A", "--A"], ["N", "A"], ["AC-G", "ACTG"],
                         ["acg", "ACT"]], compare="float")  # fmt: skip
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


@family(_cigar, edges=[["5M", 0, 0], ["5M", 10, 4], ["5M", 3, 5], ["2S3M", 5, 1], ["3M2D3M", 0, 3],
                       ["3M2I3M", 7, 3], ["2H2S4M", 0, 2], ["1M9N1M", 0, 1]])  # fmt: skip
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
        found = next((one[1 - side] for one in reversed(pairs[:at]) if one[1 - side] is not None), None)
    if found is None and missing == "right":
        found = next((one[1 - side] for one in pairs[at:] if one[1 - side] is not None), None)
    return None if found is None else found + shift


@family(_cigar, edges=[["5M", 0, 0], ["2S3M1D2M", 0, 0], ["3M100N3M", 0, 0], ["5H5M", 0, 0],
                       ["2M1I2M", 0, 0], ["3=1X3=", 0, 0], ["4M2P4M", 0, 0]])  # fmt: skip
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


@family(_piled, edges=[["A", [], 1], ["AC", [[0, "AC", 30, "+"]], 1], ["AC", [[1, "CGG", 30, "-"]], 1],
                       ["A", [[0, "C", 30, "+"], [0, "G", 30, "-"]], 1],
                       ["A", [[0, "-", 30, "+"]], 1]])  # fmt: skip
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
    return [[at, reference[at], call] for at, call in enumerate(calls)
            if call and call != reference[at]]  # fmt: skip


def _stacked(chance: Random) -> Arguments:
    size = chance.randint(1, 8)
    first = dna(chance, size, size)
    rows = [mutated(chance, first, 0.35, "ACGT-N") for _ in range(chance.randint(1, 6))]
    return [rows]


@family(_stacked, edges=[[["A"]], [["A", "C"]], [["-", "A"]], [["-", "-", "A"]], [["N", "N"]],
                         [["A", "G", "T", "C"]], [["AC", "AG", "TT"]]])  # fmt: skip
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
        if threshold == "majority" and 2 * most <= len(letters):
            made += "N"
        elif threshold == "two_thirds" and 3 * most < 2 * len(letters):
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


@family(_matrix, edges=[[["A"], ""], [["A"], "A"], [["AC"], "A"], [["AC", "AG"], "ACAG"],
                        [["A", "C", "G", "T"], "ACGTN"]], compare="float")  # fmt: skip
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
        return [sum(share[base] * weight[base] for base in "ACGT")
                for share, weight in zip(shares, weights, strict=True)]  # fmt: skip
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
        return [at for at, score in enumerate(scores) if score is not None and score > 0]
    known = [(-score, at) for at, score in enumerate(scores) if score is not None]
    return [min(known)[1], -min(known)[0]] if known else None


def _strings(chance: Random) -> Arguments:
    shared = dna(chance, 0, 5)
    return [[dna(chance, 0, 5) + shared + dna(chance, 0, 5) for _ in range(chance.randint(1, 3))]]


@family(_strings, edges=[[["ACGT"]], [["ACGT", "TTTT"]], [["", "A"]], [["AC", "CA"]],
                         [["GATTACA", "TAGACCA", "ATACA"]]])  # fmt: skip
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
    return [chance.choice([dna, repeats])(chance, 0, 20), chance.randint(1, 3), chance.randint(1, 4)]


@family(_minimized, edges=[["", 2, 2], ["ACG", 2, 2], ["AAAA", 1, 2], ["ACGT", 3, 3], ["TTTTT", 2, 3]])
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
            pick = min(places, key=lambda at: (words[at].count("G") + words[at].count("C"), words[at]))
        else:
            pick = min(places, key=lambda at: words[at])
        if pick not in chosen:
            chosen.append(pick)
    if report == "positions":
        return sorted(chosen)
    if report == "density":
        return [len(chosen), len(words)]
    return sorted({words[at] for at in chosen})
