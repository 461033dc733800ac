"""Genotypes: frequencies, inheritance, concordance, likelihoods."""

from __future__ import annotations

import math
from random import Random
from typing import Literal

from taskkit.code.family import Arguments, family

TRANSITIONS = ("AG", "GA", "CT", "TC")


def _called(chance: Random) -> Arguments:
    return [
        [
            chance.choice(["0/0", "0/1", "1/0", "1/1", "0|1", "./.", "1/2", "0", "1", ".", "./1"])
            for _ in range(chance.randint(0, 9))
        ]
    ]


@family(
    _called,
    edges=[[[]], [["./."]], [["0/1"]], [["1"]], [["1/2"]], [["./1"]], [["0/0", "1/1"]]],
    compare="float",
)
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


def _trio(chance: Random) -> Arguments:
    one = ["0/0", "0/1", "1/1", "1|0", "./.", "0/2", "1"]
    return [
        [
            [chance.choice(one), chance.choice(one), chance.choice(one)]
            for _ in range(chance.randint(0, 7))
        ]
    ]


@family(
    _trio,
    edges=[
        [[]],
        [[["0/0", "0/0", "0/1"]]],
        [[["0/1", "0/1", "1/1"]]],
        [[["0/0", "1/1", "0/0"]]],
        [[["./.", "0/0", "1/1"]]],
        [[["1", "0/0", "1"]]],
    ],
    compare="float",
)
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
        here = [
            (a, b)
            for a, b in ((one, other), (other, one))
            if (a in father or "." in father) and (b in mother or "." in mother)
        ]
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
    other = {
        name: one.get(name, "0/1") if chance.random() < 0.6 else chance.choice(calls)
        for name in names
        if chance.random() < 0.8
    }
    return [one, other]


@family(
    _matched,
    edges=[
        [{}, {}],
        [{"a": "0/1"}, {"a": "1/0"}],
        [{"a": "0/0"}, {"a": "0/0"}],
        [{"a": "./."}, {"a": "0/1"}],
        [{"a": "0/1"}, {}],
        [{"a": "0/1"}, {"a": "1/1"}],
    ],
    compare="float",
)
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
    return [
        [
            [chance.choice("RA"), chance.choice([5, 10, 20, 30])]
            for _ in range(chance.randint(0, 8))
        ],
        chance.choice([0.001, 0.1, 0.5]),
    ]


@family(
    _likelihoods,
    edges=[
        [[], 0.1],
        [[["R", 30]], 0.1],
        [[["A", 30]], 0.001],
        [[["R", 30], ["A", 30]], 0.1],
        [[["A", 5], ["A", 5]], 0.5],
    ],
    compare="float",
)
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
