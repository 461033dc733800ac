"""Variants: VCF records, kinds of changes, normalisation, effects."""

from __future__ import annotations

from random import Random
from typing import Literal

from taskkit.code.bank.coding import STANDARD
from taskkit.code.draw import dna, planted
from taskkit.code.family import Arguments, family

TRANSITIONS = ("AG", "GA", "CT", "TC")


def _vcf(chance: Random) -> Arguments:
    lines = ["##fileformat=VCFv4.2", "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"]
    for _ in range(chance.randint(0, 5)):
        ref = dna(chance, 1, 2)
        alt = ",".join({dna(chance, 1, 2) for _ in range(chance.choice([1, 1, 2]))})
        info = (
            ";".join(
                [f"DP={chance.randint(1, 40)}"] * chance.randint(0, 1)
                + [f"AF={chance.choice(['0.1', '0.5'])}"] * chance.randint(0, 1)
                + ["DB"] * chance.randint(0, 1)
            )
            or "."
        )
        lines.append(
            f"chr{chance.randint(1, 2)}\t{chance.randint(1, 99)}\t."
            f"\t{ref}\t{chance.choice([alt, alt, alt, '.'])}"
            f"\t{chance.choice(['.', '10', '30', '50.5'])}"
            f"\t{chance.choice(['PASS', '.', 'q10', 'PASS'])}\t{info}"
        )
    return ["\n".join(lines) + "\n", chance.choice([0, 20, 30])]


@family(
    _vcf,
    edges=[
        ["##x\n", 0],
        ["chr1\t5\t.\tA\tG\t30\tPASS\tDP=3", 30],
        ["chr1\t5\t.\tA\t.\t.\t.\t.", 0],
        ["chr1\t5\t.\tA\tG,AT\t.\tPASS\tDB", 20],
    ],
)
def select_variants(
    vcf: str,
    least: float,
    *,
    filters: Literal["any", "pass_only", "pass_or_missing"],
    quality: Literal["missing_fails", "missing_passes"],
    alleles: Literal["per_record", "per_allele", "biallelic"],
    kind: Literal["all_kinds", "snv", "indel"],
    report: Literal["records", "count", "depth"],
) -> object:
    """The variants of a VCF text that pass a filter."""
    made: list[list[object]] = []
    depth = 0
    for line in vcf.splitlines():
        if not line or line.startswith("#"):
            continue
        chromosome, position, _, ref, alt, score, state, info = line.split("\t")
        if alt == ".":
            continue
        if filters == "pass_only" and state != "PASS":
            continue
        if filters == "pass_or_missing" and state not in ("PASS", "."):
            continue
        if score == ".":
            if quality == "missing_fails":
                continue
        elif float(score) < least:
            continue
        others = alt.split(",")
        if alleles == "biallelic" and len(others) > 1:
            continue
        if kind == "snv":
            others = [one for one in others if len(one) == 1 and len(ref) == 1]
        elif kind == "indel":
            others = [one for one in others if len(one) != len(ref)]
        if not others:
            continue
        fields = dict(item.partition("=")[::2] for item in info.split(";"))
        depth += int(fields.get("DP", "0"))
        if alleles == "per_allele":
            made += [[chromosome, int(position), ref, one] for one in others]
        else:
            made.append([chromosome, int(position), ref, ",".join(others)])
    if report == "count":
        return len(made)
    return depth if report == "depth" else made


def _changes(chance: Random) -> Arguments:
    return [
        [
            [dna(chance, 1, 2, "ACGTN"), dna(chance, 1, 2), chance.choice([0, 1, 3])]
            for _ in range(chance.randint(0, 8))
        ]
    ]


@family(
    _changes,
    edges=[
        [[]],
        [[["A", "G", 1]]],
        [[["A", "C", 1]]],
        [[["A", "A", 1]]],
        [[["N", "A", 1]]],
        [[["AC", "GT", 2]]],
        [[["A", "AT", 1]]],
    ],
    compare="float",
)
def transition_ratio(
    changes: list[list[object]],
    *,
    weight: Literal["sites", "carriers"],
    blocks: Literal["skipped", "split"],
    infinite: Literal["none", "minus_one", "smoothed"],
    report: Literal["ratio", "counts", "share"],
) -> object:
    """Transitions over transversions."""
    transitions = transversions = 0
    for ref, alt, carriers in changes:
        one, other = str(ref), str(alt)
        if len(one) != len(other) or (blocks == "skipped" and len(one) > 1):
            continue
        for first, second in zip(one, other, strict=True):
            if first == second or "N" in first + second:
                continue
            amount = int(str(carriers)) if weight == "carriers" else 1
            if first + second in TRANSITIONS:
                transitions += amount
            else:
                transversions += amount
    if report == "counts":
        return [transitions, transversions]
    if report == "share":
        total = transitions + transversions
        return transitions / total if total else 0.0
    if infinite == "smoothed":
        return (transitions + 0.5) / (transversions + 0.5)
    if transversions == 0:
        return None if infinite == "none" else -1.0
    return transitions / transversions


def _normal(chance: Random) -> Arguments:
    reference = planted(chance, 8, 20, ["CACA", "TTT", "GAGA"])
    start = chance.randint(1, len(reference) - 4)
    ref = reference[start : start + chance.randint(1, 4)]
    if chance.random() < 0.5:
        alt = ref[: chance.randint(1, len(ref))]
    else:
        alt = ref + chance.choice([ref, dna(chance, 1, 3)])
    return [reference, start + 1, ref, chance.choice([alt, alt, dna(chance, 1, 3)])]


@family(
    _normal,
    edges=[
        ["GGCACACACT", 6, "CAC", "C"],
        ["GGCACACACT", 3, "CA", "CACA"],
        ["ACGT", 2, "CG", "CT"],
        ["ACGT", 1, "A", "A"],
        ["TTTT", 4, "T", "TT"],
        ["ACGT", 2, "C", "G"],
        ["GACA", 3, "C", "CAC"],
    ],
)
def normalise_variant(
    reference: str,
    position: int,
    ref: str,
    alt: str,
    *,
    shift: Literal["left", "right", "trim_only"],
    anchor: Literal["base_kept", "empty_allowed"],
    report: Literal["variant", "kind", "moved"],
    base: Literal["one", "zero"],
) -> object:
    """A variant in its shortest form."""
    start = position - 1
    while ref and alt and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while ref and alt and ref[0] == alt[0]:
        ref, alt, start = ref[1:], alt[1:], start + 1
    begun = start
    changed = ref or alt
    if changed and not (ref and alt):
        if shift == "left":
            while start > 0 and reference[start - 1] == changed[-1]:
                changed = changed[-1] + changed[:-1]
                start -= 1
        if shift == "right":
            after = start + len(ref)
            while after < len(reference) and reference[after] == changed[0]:
                changed = changed[1:] + changed[0]
                start, after = start + 1, after + 1
        ref, alt = (changed, "") if ref else ("", changed)
    if report == "moved":
        return start - begun
    if report == "kind":
        if not ref and not alt:
            return "none"
        if not ref:
            return "insertion"
        if not alt:
            return "deletion"
        return "substitution" if len(ref) == len(alt) else "complex"
    if anchor == "base_kept" and not (ref and alt):
        if start > 0:
            start -= 1
            ref, alt = reference[start] + ref, reference[start] + alt
        else:
            first = reference[len(ref)] if len(ref) < len(reference) else ""
            ref, alt = ref + first, alt + first
    return [start + 1 if base == "one" else start, ref, alt]


def _effect(chance: Random) -> Arguments:
    coding = (
        "ATG"
        + "".join(
            chance.choice(["AAA", "TTA", "CGT", "TGG", "GAA", "CAG", "TAC"])
            for _ in range(chance.randint(1, 4))
        )
        + "TAA"
    )
    at = chance.randint(0, len(coding) - 1)
    kind = chance.choice(["snv", "snv", "snv", "del", "ins"])
    if kind == "snv":
        return [coding, at + 1, coding[at], chance.choice("ACGT")]
    if kind == "del":
        return [coding, at + 1, coding[at : at + chance.randint(1, 4)], ""]
    return [coding, at + 1, "", dna(chance, 1, 3)]


@family(
    _effect,
    edges=[
        ["ATGTGGTAA", 6, "G", "A"],
        ["ATGTGGTAA", 1, "A", "G"],
        ["ATGTGGTAA", 8, "A", "C"],
        ["ATGTTATAA", 6, "A", "G"],
        ["ATGTTATAA", 4, "TTA", ""],
        ["ATGTTATAA", 5, "", "C"],
        ["ATGTTATAA", 4, "T", "T"],
        ["ATGAAATAA", 4, "A", "T"],
    ],
)
def variant_effect(
    coding: str,
    position: int,
    ref: str,
    alt: str,
    *,
    start: Literal["own_class", "as_others"],
    stop: Literal["own_class", "as_others"],
    report: Literal["class", "change", "codons"],
    codes: Literal["one_letter", "with_distance"],
) -> object:
    """What a change does to the protein."""
    at = position - 1
    if len(ref) != len(alt):
        kind = "inframe" if (len(ref) - len(alt)) % 3 == 0 else "frameshift"
        if start == "own_class" and at < 3:
            kind = "start_lost"
        changed = coding[:at] + alt + coding[at + len(ref) :]
        proteins = [
            "".join(STANDARD[text[i : i + 3]] for i in range(0, len(text) - 2, 3))
            for text in (coding, changed)
        ]
        ends = [protein.find("*") for protein in proteins]
        if report == "class":
            return [kind, ends[1] - ends[0]] if codes == "with_distance" else kind
        return proteins[1] if report == "change" else changed[at // 3 * 3 : at // 3 * 3 + 3]
    first = at // 3 * 3
    before = coding[first : first + 3]
    after = before[: at - first] + alt + before[at - first + 1 :]
    old, new = STANDARD[before], STANDARD[after]
    number = first // 3 + 1
    if report == "codons":
        return [before, after, number] if codes == "with_distance" else f"{before}>{after}"
    if report == "change":
        return f"{old}{number}=" if old == new else f"{old}{number}{new}"
    if old == new:
        kind = "synonymous"
    elif start == "own_class" and number == 1:
        kind = "start_lost"
    elif stop == "own_class" and new == "*":
        kind = "nonsense"
    elif stop == "own_class" and old == "*":
        kind = "stop_lost"
    else:
        kind = "missense"
    return [kind, number] if codes == "with_distance" else kind
