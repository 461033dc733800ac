"""Nucleotide sequences: complements, composition, motifs, words."""

from __future__ import annotations

import math
from collections import Counter
from random import Random
from typing import Literal

from taskkit.code.draw import dna, planted, repeats
from taskkit.code.family import Arguments, family

PAIRS = dict(zip("ACGTRYSWKMBDHVN", "TGCAYRSWMKVHDBN", strict=True))
CODES = {
    **{"A": "A", "C": "C", "G": "G", "T": "T", "R": "AG", "Y": "CT", "S": "CG", "W": "AT"},
    **{"K": "GT", "M": "AC", "B": "CGT", "D": "AGT", "H": "ACT", "V": "ACG", "N": "ACGT"},
}


def _mixed(chance: Random) -> Arguments:
    letters = chance.choice(["ACGT", "ACGTN", "ACGTacgt", "ACGTRYSWKMBDHVN", "ACGT-", "ACGTUx"])
    return [dna(chance, 0, 24, letters)]


@family(_mixed, edges=[[""], ["N"], ["aCg-T"], ["RYKMSW"], ["BDHVN"], ["ACXGT"], ["u"], ["--"]])
def reverse_complement(
    sequence: str,
    *,
    ambiguity: Literal["iupac", "masked", "raise"],
    case: Literal["upper", "kept"],
    product: Literal["dna", "rna"],
    gaps: Literal["kept", "dropped"],
) -> str:
    """The other strand of a sequence, read from its 5' end."""
    made = []
    for letter in reversed(sequence):
        if letter == "-":
            if gaps == "kept":
                made.append("-")
            continue
        base = letter.upper().replace("U", "T")
        if ambiguity == "iupac":
            other = PAIRS.get(base, "N")
        elif ambiguity == "masked":
            other = PAIRS[base] if base in "ACGT" else "N"
        else:
            if base not in "ACGT":
                raise ValueError("not a nucleotide")
            other = PAIRS[base]
        if product == "rna":
            other = other.replace("T", "U")
        if case == "kept" and letter.islower():
            other = other.lower()
        made.append(other)
    return "".join(made)


def _composition(chance: Random) -> Arguments:
    return [dna(chance, 0, 30, chance.choice(["ACGT", "ACGTN", "AACGTSWN", "acgtACGTNS", "ACGU-"]))]


@family(
    _composition,
    edges=[[""], ["N"], ["S"], ["W"], ["GGCC"], ["gcat"], ["-"], ["ATN"]],
    compare="float",
)
def gc_content(
    sequence: str,
    *,
    ambiguous: Literal["ignored", "counted", "weighted"],
    case: Literal["any", "upper"],
    scale: Literal["fraction", "percent"],
    empty: Literal["none", "zero", "raise"],
) -> float | None:
    """The share of G and C."""
    if case == "any":
        sequence = sequence.upper()
    strong = float(sum(sequence.count(letter) for letter in "GCS"))
    if ambiguous == "weighted":
        total = float(strong + sum(sequence.count(letter) for letter in "ATUW"))
        others = len(sequence) - sequence.count("-") - total
        strong += 0.5 * others
        total += others
    elif ambiguous == "counted":
        total = float(len(sequence))
    else:
        strong -= sequence.count("S")
        total = float(sum(sequence.count(letter) for letter in "ACGTU"))
    if total == 0:
        if empty == "raise":
            raise ValueError("nothing to count")
        return None if empty == "none" else 0.0
    return strong / total * (100 if scale == "percent" else 1)


def _skewed(chance: Random) -> Arguments:
    sequence = dna(chance, 0, 30, chance.choice(["ACGT", "GGGCAT", "GCCCAT", "AT", "ACGTN"]))
    return [sequence, chance.randint(1, 8)]


@family(
    _skewed, edges=[["", 3], ["GC", 3], ["GGCATGCC", 4], ["GGGCC", 2], ["AT", 1]], compare="float"
)
def gc_skew(
    sequence: str,
    window: int,
    *,
    windows: Literal["sliding", "adjacent"],
    tail: Literal["dropped", "kept"],
    undefined: Literal["zero", "none", "omitted"],
    total: Literal["each", "cumulative"],
) -> list[float | None]:
    """(G - C) / (G + C) along a sequence."""
    step = 1 if windows == "sliding" else window
    made: list[float | None] = []
    running = 0.0
    for start in range(0, len(sequence), step):
        part = sequence[start : start + window]
        if len(part) < window and tail == "dropped":
            break
        g, c = part.count("G"), part.count("C")
        if g + c == 0:
            if undefined == "omitted":
                continue
            made.append(None if undefined == "none" else running if total == "cumulative" else 0.0)
            continue
        running = (g - c) / (g + c) + (running if total == "cumulative" else 0.0)
        made.append(running)
    return made


def _motif(chance: Random) -> Arguments:
    motif = dna(chance, 1, 4, chance.choice(["ACGT", "ACGTRYN", "ACGTWSKM", "ACBDHV"]))
    plain = "".join(chance.choice(CODES[letter]) for letter in motif)
    other = "".join(PAIRS[letter] for letter in reversed(plain))
    return [planted(chance, 0, 25, [plain, plain * 2, other]), motif]


@family(
    _motif,
    edges=[
        ["", "A"],
        ["AAAA", "AA"],
        ["GAATTC", "GAATTC"],
        ["A", "AC"],
        ["ATAT", "AT"],
        ["ACNT", "ACN"],
        ["TTTT", "AA"],
    ],
)
def motif_positions(
    sequence: str,
    motif: str,
    *,
    overlaps: Literal["all", "apart"],
    strand: Literal["forward", "both"],
    base: Literal["zero", "one"],
    report: Literal["starts", "ends", "spans"],
) -> list[object]:
    """Where an IUPAC motif occurs."""
    found: list[object] = []
    after = 0
    for start in range(len(sequence) - len(motif) + 1):
        if overlaps == "apart" and start < after:
            continue
        part = sequence[start : start + len(motif)]
        hit = all(one in CODES[code] for one, code in zip(part, motif, strict=True))
        if strand == "both" and not hit:
            other = [PAIRS[code] for code in reversed(motif)]
            hit = all(one in CODES[code] for one, code in zip(part, other, strict=True))
        if not hit:
            continue
        after = start + len(motif)
        first = start + 1 if base == "one" else start
        last = after if base == "one" else after - 1
        found.append([first, last] if report == "spans" else first if report == "starts" else last)
    return found


def _words(chance: Random) -> Arguments:
    text = repeats(chance, 0, 30, chance.choice(["ACGT", "ACGTN", "ACGTacgt", "AT"]))
    return [text, chance.randint(1, 4)]


@family(_words, edges=[["", 2], ["AC", 3], ["ACGT", 2], ["aCa", 1], ["ANNA", 1], ["ATAT", 2]])
def kmer_counts(
    sequence: str,
    k: int,
    *,
    strands: Literal["given", "canonical"],
    ambiguous: Literal["skipped", "counted"],
    case: Literal["folded", "distinct"],
    phase: Literal["every", "codon"],
    least: Literal["one", "two"],
) -> dict[str, int]:
    """How often every word of k letters occurs."""
    if case == "folded":
        sequence = sequence.upper()
    counts: Counter[str] = Counter()
    for start in range(0, len(sequence) - k + 1, k if phase == "codon" else 1):
        word = sequence[start : start + k]
        if ambiguous == "skipped" and any(letter not in "ACGTacgt" for letter in word):
            continue
        if strands == "canonical":
            other = "".join(
                PAIRS[letter] if letter.isupper() else PAIRS[letter.upper()].lower()
                for letter in reversed(word)
            )
            word = min(word, other)
        counts[word] += 1
    return {word: count for word, count in counts.items() if count >= (2 if least == "two" else 1)}


def _ranked(chance: Random) -> Arguments:
    return [repeats(chance, 0, 30), chance.randint(1, 3), chance.randint(1, 5)]


@family(_ranked, edges=[["", 2, 1], ["ACGT", 1, 2], ["AAAA", 2, 3], ["ACAC", 2, 1]])
def frequent_words(
    sequence: str,
    k: int,
    most: int,
    *,
    tie: Literal["alphabet", "first", "last"],
    cut: Literal["strict", "ties"],
    counting: Literal["overlapping", "apart"],
    report: Literal["words", "counts"],
) -> list[object]:
    """The commonest words of k letters."""
    counts: dict[str, int] = {}
    first: dict[str, int] = {}
    latest: dict[str, int] = {}
    ends: dict[str, int] = {}
    for start in range(len(sequence) - k + 1):
        word = sequence[start : start + k]
        if counting == "apart" and start < ends.get(word, 0):
            continue
        ends[word] = start + k
        counts[word] = counts.get(word, 0) + 1
        first.setdefault(word, start)
        latest[word] = start
    if tie == "first":
        ranked = sorted(counts, key=lambda word: (-counts[word], first[word]))
    elif tie == "last":
        ranked = sorted(counts, key=lambda word: (-counts[word], -latest[word]))
    else:
        ranked = sorted(counts, key=lambda word: (-counts[word], word))
    end = most
    if cut == "ties":
        while 0 < end < len(ranked) and counts[ranked[end]] == counts[ranked[end - 1]]:
            end += 1
    if report == "counts":
        return [[word, counts[word]] for word in ranked[:end]]
    return list(ranked[:end])


def _runs(chance: Random) -> Arguments:
    text = "".join(
        chance.choice("ACGTN") * chance.choice([1, 1, 2, 3, 5]) for _ in range(chance.randint(0, 9))
    )
    text = text if chance.random() < 0.6 else text.lower() if chance.random() < 0.3 else text[::2]
    return [text, chance.randint(1, 4)]


@family(_runs, edges=[["", 1], ["AAA", 3], ["AAA", 4], ["aAA", 2], ["NNN", 2], ["ACCGGG", 2]])
def homopolymer_runs(
    sequence: str,
    least: int,
    *,
    base: Literal["zero", "one"],
    end: Literal["inclusive", "exclusive", "length"],
    unknown: Literal["skipped", "reported"],
    keep: Literal["all", "longest", "last"],
) -> list[list[object]]:
    """Stretches of one repeated base."""
    runs: list[list[object]] = []
    longest = 0
    start = 0
    for at in range(1, len(sequence) + 1):
        if at < len(sequence) and sequence[at].upper() == sequence[start].upper():
            continue
        letter, length = sequence[start].upper(), at - start
        if length >= least and not (unknown == "skipped" and letter == "N"):
            first = start + 1 if base == "one" else start
            if end == "length":
                last = length
            else:
                last = first + length - 1 if end == "inclusive" else first + length
            if keep == "longest" and length > longest:
                runs, longest = [], length
            if keep != "longest" or length == longest:
                runs.append([letter, first, last])
        start = at
    return runs[-1:] if keep == "last" else runs


def _complex(chance: Random) -> Arguments:
    text = chance.choice([dna, repeats])(chance, 0, 30, chance.choice(["ACGT", "AT", "ACGTN"]))
    return [text, chance.randint(1, 3)]


@family(_complex, edges=[["", 1], ["A", 2], ["ACGT", 1], ["AAAA", 2], ["NN", 1]], compare="float")
def sequence_entropy(
    sequence: str,
    k: int,
    *,
    unit: Literal["bits", "nats"],
    scaled: Literal["plain", "possible", "observed"],
    unknown: Literal["skipped", "counted"],
    words: Literal["sliding", "adjacent"],
) -> float:
    """Shannon's entropy of the words of a sequence."""
    counts: Counter[str] = Counter()
    for start in range(0, len(sequence) - k + 1, 1 if words == "sliding" else k):
        word = sequence[start : start + k]
        if unknown == "counted" or "N" not in word:
            counts[word] += 1
    total = sum(counts.values())
    if total == 0:
        return 0.0
    entropy = -sum(count / total * math.log(count / total) for count in counts.values())
    if scaled == "possible":
        return entropy / (k * math.log(4))
    if scaled == "observed":
        return entropy / math.log(len(counts)) if len(counts) > 1 else 0.0
    return entropy / math.log(2) if unit == "bits" else entropy
