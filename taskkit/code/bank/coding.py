"""Coding sequences: translation, reading frames, codons, digestion and primers."""

from __future__ import annotations

import math
from collections import Counter
from random import Random
from typing import Literal

from taskkit.code.draw import dna, planted
from taskkit.code.family import Arguments, family

BASES = "TCAG"
AMINO = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"
STANDARD = dict(zip([a + b + c for a in BASES for b in BASES for c in BASES], AMINO, strict=True))
MITOCHONDRIAL = {**STANDARD, "AGA": "*", "AGG": "*", "ATA": "M", "TGA": "W"}
OTHERS = dict(zip("ACGTN", "TGCAN", strict=True))


def _coding(chance: Random) -> Arguments:
    pieces = ["ATG", "TAA", "TGA", "AGA", "ATA", "NNN", "ATGAAATAG"]
    text = planted(chance, 0, 40, pieces, chance.choice(["ACGT", "ACGT", "ACGTN"]))
    return [text.lower() if chance.random() < 0.1 else text]


@family(
    _coding,
    edges=[
        [""],
        ["AT"],
        ["ATG"],
        ["ATGTAA"],
        ["TAAATG"],
        ["ATGTGAAGA"],
        ["CCATGAGG"],
        ["ANGTAGCC"],
    ],
)
def translate(
    sequence: str,
    *,
    table: Literal["standard", "mitochondrial"],
    stop: Literal["starred", "ends", "dropped"],
    start: Literal["first_base", "first_atg"],
    partial: Literal["ignored", "marked", "raise"],
) -> str:
    """The protein that a coding sequence is translated to."""
    sequence = sequence.upper()
    code = MITOCHONDRIAL if table == "mitochondrial" else STANDARD
    first = 0
    if start == "first_atg":
        first = sequence.find("ATG")
        if first < 0:
            return ""
    made = ""
    for at in range(first, len(sequence), 3):
        codon = sequence[at : at + 3]
        if len(codon) < 3:
            if partial == "raise":
                raise ValueError("a codon is not whole")
            if partial == "marked":
                made += "X"
            break
        amino = code.get(codon, "X")
        if amino == "*":
            if stop == "ends":
                return made
            if stop == "dropped":
                continue
        made += amino
    return made


def _reading(chance: Random) -> Arguments:
    pieces = ["ATG", "TAA", "TGA", "TTA", "CAT", "ATGAAA", "ATGCCCTAG", "CTATTTCAT"]
    return [planted(chance, 0, 50, pieces), chance.randint(1, 3)]


@family(
    _reading,
    edges=[
        ["", 1],
        ["ATGTAA", 1],
        ["ATGTAA", 2],
        ["ATGATGTAA", 1],
        ["TTACAT", 1],
        ["ATGAAA", 1],
        ["AATGCATAATTTTAA", 1],
    ],
    excludes=lambda chosen: chosen["pick"] == "longest" and chosen["nested"] == "every",
)
def open_reading_frames(
    sequence: str,
    least: int,
    *,
    strands: Literal["forward", "both"],
    nested: Literal["outermost", "every"],
    ending: Literal["stop_needed", "open_allowed"],
    stop: Literal["with_stop", "without_stop"],
    base: Literal["zero", "one"],
    pick: Literal["all", "longest"],
) -> list[list[object]]:
    """Stretches from ATG to a stop codon."""
    found: list[tuple[int, int, str]] = []
    size = len(sequence)
    for strand in ("+", "-") if strands == "both" else ("+",):
        text = sequence
        if strand == "-":
            text = "".join(OTHERS[letter] for letter in reversed(sequence))
        taken: set[int] = set()
        for start in range(size - 2):
            if text[start : start + 3] != "ATG" or start in taken:
                continue
            at = start
            while at + 3 <= size and text[at : at + 3] not in ("TAA", "TAG", "TGA"):
                if nested == "outermost":
                    taken.add(at)
                at += 3
            closed = at + 3 <= size
            if not closed and ending == "stop_needed":
                continue
            if (at - start) // 3 < least:
                continue
            end = at + 3 if closed and stop == "with_stop" else at
            first, last = (start, end) if strand == "+" else (size - end, size - start)
            if base == "one":
                first += 1
            found.append((first, last, strand))
    found.sort()
    if pick == "longest":
        found = [max(found, key=lambda one: one[1] - one[0])] if found else []
    return [list(one) for one in found]


def _codons(chance: Random) -> Arguments:
    text = planted(chance, 0, 60, ["CTG", "CTC", "TTA", "GCC", "GCG", "ATG", "TAA", "NNN"])
    return [text[: len(text) // 3 * 3 + chance.choice([0, 0, 1, 2])]]


@family(_codons, edges=[[""], ["AT"], ["ATG"], ["TAA"], ["CTGCTCTTA"], ["NNNCTG"]], compare="float")
def codon_usage(
    sequence: str,
    *,
    measure: Literal["count", "per_thousand", "within_amino", "relative"],
    stops: Literal["with_stops", "without_stops"],
    single: Literal["with_single", "without_single"],
    frame: Literal["first", "second"],
) -> dict[str, float]:
    """How often each codon is used."""
    counts: Counter[str] = Counter()
    for at in range(1 if frame == "second" else 0, len(sequence) - 2, 3):
        codon = sequence[at : at + 3]
        if codon not in STANDARD:
            continue
        if stops == "without_stops" and STANDARD[codon] == "*":
            continue
        if single == "without_single" and codon in ("ATG", "TGG"):
            continue
        counts[codon] += 1
    made: dict[str, float] = {}
    for codon, count in counts.items():
        family_ = [one for one in STANDARD if STANDARD[one] == STANDARD[codon]]
        within = sum(counts[one] for one in family_)
        if measure == "count":
            made[codon] = count
        elif measure == "per_thousand":
            made[codon] = 1000 * count / sum(counts.values())
        elif measure == "within_amino":
            made[codon] = count / within
        else:
            made[codon] = count * len(family_) / within
    return made


def _digested(chance: Random) -> Arguments:
    site = chance.choice(["GAATTC", "GGCC", "AGCT", "GATC", "TTAA"])
    text = planted(chance, 1, 40, [site, site[1:], site * 2])
    return [text, site, chance.randint(0, len(site))]


@family(
    _digested,
    edges=[
        ["GAATTC", "GAATTC", 1],
        ["ACGT", "GATC", 0],
        ["GATCGATC", "GATC", 0],
        ["TCAAGA", "GATC", 0],
        ["GGCCGGCC", "GGCC", 2],
        ["TTAATTAA", "TTAA", 4],
    ],
)
def restriction_fragments(
    sequence: str,
    site: str,
    offset: int,
    *,
    shape: Literal["linear", "circular"],
    order: Literal["position", "longest_first"],
    report: Literal["lengths", "sequences"],
    short: Literal["kept", "dropped"],
) -> list[object]:
    """What a restriction enzyme cuts a sequence into."""
    size = len(sequence)
    round_ = sequence + sequence[: len(site) - 1] if shape == "circular" else sequence
    cuts = set()
    for at in range(size):
        if round_[at : at + len(site)] == site:
            cuts.add((at + offset) % size if shape == "circular" else at + offset)
    places = sorted(cuts)
    if shape == "linear":
        ends = [0, *places, size]
        made = [sequence[one:other] for one, other in zip(ends, ends[1:], strict=False)]
    elif places:
        made = [sequence[one:other] for one, other in zip(places, places[1:], strict=False)]
        made.append(sequence[places[-1] :] + sequence[: places[0]])
    else:
        made = [sequence]
    made = [one for one in made if len(one) >= (5 if short == "dropped" else 1)]
    if order == "longest_first":
        made.sort(key=lambda one: (-len(one), one))
    return [len(one) for one in made] if report == "lengths" else list(made)


def _primer(chance: Random) -> Arguments:
    return [
        dna(chance, 1, 30, chance.choice(["ACGT", "ACGT", "GCCAT", "ACGTN", "acgt"])),
        chance.choice([0.05, 0.1, 0.5, 1.0]),
    ]


@family(
    _primer,
    edges=[
        ["ACGT", 0.05],
        ["A" * 13, 0.05],
        ["A" * 14, 0.05],
        ["G" * 20, 1.0],
        ["ACGTACGTACGTACGTN", 0.1],
        ["acgtacgtacgtac", 0.05],
    ],
    compare="float",
)
def melting_temperature(
    primer: str,
    sodium: float,
    *,
    rule: Literal["wallace", "gc", "by_length"],
    salt: Literal["ignored", "corrected"],
    mismatch: Literal["perfect", "one_percent"],
    unknown: Literal["raise", "half"],
    scale: Literal["celsius", "kelvin"],
) -> float:
    """The melting temperature of a primer."""
    primer = primer.upper()
    size = len(primer)
    strong = float(primer.count("G") + primer.count("C"))
    others = size - strong - primer.count("A") - primer.count("T")
    if others:
        if unknown == "raise":
            raise ValueError("a base is not known")
        strong += others / 2
    if rule == "wallace" or (rule == "by_length" and size < 14):
        made = 4 * strong + 2 * (size - strong)
    else:
        made = 64.9 + 41 * (strong - 16.4) / size
    if salt == "corrected":
        made += 16.6 * math.log10(sodium / 0.05)
    if mismatch == "one_percent":
        made -= 1.0
    return made + 273.15 if scale == "kelvin" else made


def _hairpin(chance: Random) -> Arguments:
    stem = dna(chance, 2, 4)
    other = "".join(OTHERS[letter] for letter in reversed(stem))
    return [planted(chance, 0, 24, [stem, other, stem + "TTT" + other]), chance.randint(2, 4)]


@family(
    _hairpin,
    edges=[["", 2], ["ACGT", 2], ["AATT", 2], ["GCTTTGC", 2], ["GGAAACC", 2], ["GCAAGC", 2]],
)
def hairpin_stems(
    sequence: str,
    stem: int,
    *,
    loop: Literal["any_loop", "three_or_more", "three_to_six"],
    wobble: Literal["strict", "wobble"],
    report: Literal["count", "first", "all"],
    base: Literal["zero", "one"],
) -> object:
    """Places where a strand can fold back on itself."""
    pairs = ["AT", "TA", "GC", "CG"]
    if wobble == "wobble":
        pairs += ["GT", "TG"]
    low = 0 if loop == "any_loop" else 3
    high = 6 if loop == "three_to_six" else len(sequence)
    found = []
    for left in range(len(sequence) - 2 * stem + 1):
        for gap in range(low, high + 1):
            right = left + 2 * stem + gap - 1
            if right >= len(sequence):
                break
            if all(sequence[left + i] + sequence[right - i] in pairs for i in range(stem)):
                shift = 1 if base == "one" else 0
                found.append([left + shift, right + shift])
    if report == "count":
        return len(found)
    if report == "first":
        return found[0] if found else None
    return found


def _islands(chance: Random) -> Arguments:
    text = planted(chance, 0, 40, ["CG", "CGCG", "GCGC", "TA", "AATT"])
    return [text, chance.randint(4, 10)]


@family(
    _islands, edges=[["", 4], ["CGCG", 4], ["CGC", 4], ["GGGG", 4], ["CCGG", 4]], compare="float"
)
def cpg_ratio(
    sequence: str,
    window: int,
    *,
    expected: Literal["product", "mean_square"],
    windows: Literal["sliding", "adjacent"],
    undefined: Literal["zero", "none"],
    report: Literal["ratios", "best", "above"],
) -> object:
    """Observed over expected CpG in windows."""
    ratios: list[float | None] = []
    for start in range(0, len(sequence) - window + 1, 1 if windows == "sliding" else window):
        part = sequence[start : start + window]
        c, g = part.count("C"), part.count("G")
        if expected == "product":
            wanted = c * g / window
        else:
            wanted = ((c + g) / 2) ** 2 / window
        if wanted == 0:
            ratios.append(0.0 if undefined == "zero" else None)
        else:
            ratios.append(part.count("CG") / wanted)
    if report == "ratios":
        return ratios
    if report == "above":
        return [at for at, ratio in enumerate(ratios) if ratio is not None and ratio > 0.613]
    known = [ratio for ratio in ratios if ratio is not None]
    return max(known) if known else None
