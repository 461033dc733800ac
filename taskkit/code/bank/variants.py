"""Variants: VCF records, genotypes, normalisation, effects, inheritance."""

from __future__ import annotations

import math
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
        info = ";".join([f"DP={chance.randint(1, 40)}"] * chance.randint(0, 1)
                        + [f"AF={chance.choice(['0.1', '0.5'])}"] * chance.randint(0, 1)
                        + ["DB"] * chance.randint(0, 1)) or "."  # fmt: skip
        lines.append(f"chr{chance.randint(1, 2)}\t{chance.randint(1, 99)}\t."
                     f"\t{ref}\t{chance.choice([alt, alt, alt, '.'])}"
                     f"\t{chance.choice(['.', '10', '30', '50.5'])}"
                     f"\t{chance.choice(['PASS', '.', 'q10', 'PASS'])}\t{info}")  # fmt: skip
    return ["\n".join(lines) + "\n", chance.choice([0, 20, 30])]


@family(_vcf, edges=[["##x\n", 0], ["chr1\t5\t.\tA\tG\t30\tPASS\tDP=3", 30],
                     ["chr1\t5\t.\tA\t.\t.\t.\t.", 0], ["chr1\t5\t.\tA\tG,AT\t.\tPASS\tDB", 20]])  # fmt: skip
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


def _called(chance: Random) -> Arguments:
    return [[chance.choice(["0/0", "0/1", "1/0", "1/1", "0|1", "./.", "1/2", "0", "1", ".", "./1"])
             for _ in range(chance.randint(0, 9))]]  # fmt: skip


@family(_called, edges=[[[]], [["./."]], [["0/1"]], [["1"]], [["1/2"]], [["./1"]], [["0/0", "1/1"]]],
        compare="float")  # fmt: skip
def allele_frequency(
    genotypes: list[str],
    *,
    missing: Literal["skipped", "half_counted", "reference"],
    haploid: Literal["one_allele", "skipped", "doubled"],
    others: Literal["any_alternate", "first_alternate"],
    report: Literal["frequency", "minor", "counts"],
    empty: Literal["none", "zero"],
) -> object:
    """How frequent the alternate allele is among genotypes."""
    total = hits = 0
    for genotype in genotypes:
        alleles = genotype.replace("|", "/").split("/")
        if len(alleles) == 1:
            if haploid == "skipped":
                continue
            if haploid == "doubled":
                alleles = alleles * 2
        if "." in alleles and missing == "skipped":
            continue
        for allele in alleles:
            if allele == "." and missing == "half_counted":
                continue
            total += 1
            hits += allele not in "0." if others == "any_alternate" else allele == "1"
    if report == "counts":
        return [hits, total]
    if total == 0:
        return None if empty == "none" else 0.0
    share = hits / total
    return min(share, 1 - share) if report == "minor" else share


def _changes(chance: Random) -> Arguments:
    return [[[dna(chance, 1, 2, "ACGTN"), dna(chance, 1, 2), chance.choice([0, 1, 3])]
             for _ in range(chance.randint(0, 8))]]  # fmt: skip


@family(_changes, edges=[[[]], [[["A", "G", 1]]], [[["A", "C", 1]]], [[["A", "A", 1]]],
                         [[["N", "A", 1]]], [[["AC", "GT", 2]]], [[["A", "AT", 1]]]],
        compare="float")  # fmt: skip
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


@family(_normal, edges=[["GGCACACACT", 6, "CAC", "C"], ["GGCACACACT", 3, "CA", "CACA"],
                        ["ACGT", 2, "CG", "CT"], ["ACGT", 1, "A", "A"], ["TTTT", 4, "T", "TT"],
                        ["ACGT", 2, "C", "G"], ["GACA", 3, "C", "CAC"]])  # fmt: skip
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
            after = reference[len(ref)] if len(ref) < len(reference) else ""
            ref, alt = ref + after, alt + after
    return [start + 1 if base == "one" else start, ref, alt]


def _effect(chance: Random) -> Arguments:
    coding = "ATG" + "".join(chance.choice(["AAA", "TTA", "CGT", "TGG", "GAA", "CAG", "TAC"])
                             for _ in range(chance.randint(1, 4))) + "TAA"  # fmt: skip
    at = chance.randint(0, len(coding) - 1)
    kind = chance.choice(["snv", "snv", "snv", "del", "ins"])
    if kind == "snv":
        return [coding, at + 1, coding[at], chance.choice("ACGT")]
    if kind == "del":
        return [coding, at + 1, coding[at : at + chance.randint(1, 4)], ""]
    return [coding, at + 1, "", dna(chance, 1, 3)]


@family(_effect, edges=[["ATGTGGTAA", 6, "G", "A"], ["ATGTGGTAA", 1, "A", "G"], ["ATGTGGTAA", 8, "A", "C"],
                        ["ATGTTATAA", 6, "A", "G"], ["ATGTTATAA", 4, "TTA", ""], ["ATGTTATAA", 5, "", "C"],
                        ["ATGTTATAA", 4, "T", "T"], ["ATGAAATAA", 4, "A", "T"]])  # fmt: skip
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
        proteins = ["".join(STANDARD[text[i : i + 3]] for i in range(0, len(text) - 2, 3))
                    for text in (coding, changed)]  # fmt: skip
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


def _trio(chance: Random) -> Arguments:
    one = ["0/0", "0/1", "1/1", "1|0", "./.", "0/2", "1"]
    return [[[chance.choice(one), chance.choice(one), chance.choice(one)]
             for _ in range(chance.randint(0, 7))]]  # fmt: skip


@family(_trio, edges=[[[]], [[["0/0", "0/0", "0/1"]]], [[["0/1", "0/1", "1/1"]]], [[["0/0", "1/1", "0/0"]]],
                      [[["./.", "0/0", "1/1"]]], [[["1", "0/0", "1"]]]], compare="float")  # fmt: skip
def mendelian_errors(
    trios: list[list[str]],
    *,
    missing: Literal["skipped", "partial"],
    haploid: Literal["homozygous", "skipped"],
    report: Literal["sites", "rate", "de_novo", "blame"],
    sites: Literal["all_sites", "variable_only"],
) -> object:
    """Where a child's genotype cannot come from its parents."""
    found: list[object] = []
    novel: list[object] = []
    blames: list[object] = []
    checked = 0
    for number, trio in enumerate(trios):
        people = [one.replace("|", "/").split("/") for one in trio]
        if any(len(one) == 1 for one in people):
            if haploid == "skipped":
                continue
            people = [one * 2 if len(one) == 1 else one for one in people]
        father, mother, child = people
        if "." in child or (missing == "skipped" and "." in father + mother):
            continue
        if sites == "variable_only" and set(father + mother + child) <= {"0", "."}:
            continue
        checked += 1
        one, other = child
        here = [(a, b) for a, b in ((one, other), (other, one))
                if (a in father or "." in father) and (b in mother or "." in mother)]  # fmt: skip
        if here:
            continue
        found.append(number)
        if any(allele not in father + mother for allele in child):
            if "." not in father + mother:
                novel.append(number)
        by_father = not any(allele in father or "." in father for allele in child)
        by_mother = not any(allele in mother or "." in mother for allele in child)
        if by_father and not by_mother:
            blames.append("father")
        elif by_mother and not by_father:
            blames.append("mother")
        else:
            blames.append("unclear")
    if report == "rate":
        return len(found) / checked if checked else 0.0
    if report == "de_novo":
        return novel
    return blames if report == "blame" else found


def _matched(chance: Random) -> Arguments:
    names = ["a", "b", "c", "d", "e"]
    calls = ["0/0", "0/1", "1/0", "1/1", "./.", "0|1"]
    one = {name: chance.choice(calls) for name in names if chance.random() < 0.8}
    other = {name: one.get(name, "0/1") if chance.random() < 0.6 else chance.choice(calls)
             for name in names if chance.random() < 0.8}  # fmt: skip
    return [one, other]


@family(_matched, edges=[[{}, {}], [{"a": "0/1"}, {"a": "1/0"}], [{"a": "0/0"}, {"a": "0/0"}],
                         [{"a": "./."}, {"a": "0/1"}], [{"a": "0/1"}, {}], [{"a": "0/1"}, {"a": "1/1"}]],
        compare="float")  # fmt: skip
def genotype_concordance(
    truth: dict[str, str],
    calls: dict[str, str],
    *,
    measure: Literal["concordance", "non_reference", "recall", "precision", "f1"],
    phase: Literal["ignored", "kept"],
    absent: Literal["skipped", "reference"],
    undefined: Literal["none", "zero"],
) -> float | None:
    """How well genotype calls agree with a truth set."""
    same = total = 0
    hits = in_truth = in_calls = 0
    for name in sorted({*truth, *calls}):
        if absent == "skipped" and (name not in truth or name not in calls):
            continue
        pair = [truth.get(name, "0/0"), calls.get(name, "0/0")]
        if any("." in one for one in pair):
            continue
        if phase == "ignored":
            pair = ["/".join(sorted(one.replace("|", "/").split("/"))) for one in pair]
        plain = [one.replace("|", "/") == "0/0" for one in pair]
        agrees = pair[0] == pair[1]
        if measure != "non_reference" or not all(plain):
            total += 1
            same += agrees
        in_truth += not plain[0]
        in_calls += not plain[1]
        hits += agrees and not plain[0]
    if measure == "recall":
        same, total = hits, in_truth
    elif measure == "precision":
        same, total = hits, in_calls
    elif measure == "f1":
        same, total = 2 * hits, in_truth + in_calls
    if total == 0:
        return None if undefined == "none" else 0.0
    return same / total


def _likelihoods(chance: Random) -> Arguments:
    return [[[chance.choice("RA"), chance.choice([5, 10, 20, 30])] for _ in range(chance.randint(0, 8))],
            chance.choice([0.001, 0.1, 0.5])]  # fmt: skip


@family(_likelihoods, edges=[[[], 0.1], [[["R", 30]], 0.1], [[["A", 30]], 0.001],
                             [[["R", 30], ["A", 30]], 0.1], [[["A", 5], ["A", 5]], 0.5]],
        compare="float")  # fmt: skip
def genotype_likelihood(
    reads: list[list[object]],
    frequency: float,
    *,
    prior: Literal["flat", "hardy_weinberg"],
    error: Literal["whole", "third"],
    floor: Literal["all_bases", "ten_up"],
    report: Literal["call", "posteriors", "phred", "log"],
) -> object:
    """Which genotype the reads of a site speak for."""
    logs = []
    for dose in (0, 1, 2):
        total = 0.0
        if prior == "hardy_weinberg":
            p = 1 - frequency
            total = math.log10([p * p, 2 * p * frequency, frequency * frequency][dose])
        for allele, quality in reads:
            if floor == "ten_up" and int(str(quality)) < 10:
                continue
            wrong = 10 ** (-int(str(quality)) / 10)
            miss = wrong / 3 if error == "third" else wrong
            as_ref = 1 - wrong if allele == "R" else miss
            as_alt = miss if allele == "R" else 1 - wrong
            total += math.log10((2 - dose) / 2 * as_ref + dose / 2 * as_alt)
        logs.append(total)
    best = max(logs)
    if report == "log":
        return logs
    if report == "phred":
        return [int(-10 * (one - best) + 0.5) for one in logs]
    if report == "posteriors":
        shares = [10 ** (one - best) for one in logs]
        return [one / sum(shares) for one in shares]
    near = [dose for dose, one in enumerate(logs) if best - one < 1e-9]
    return ["0/0", "0/1", "1/1"][near[0]] if len(near) == 1 else "./."
