"""Population genetics: equilibrium, linkage, diversity, differentiation, pedigrees."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Literal

from taskkit.code.draw import dna, mutated
from taskkit.code.family import Arguments, family


def _trinomial(chance: Random) -> Arguments:
    top = chance.choice([3, 20, 60])
    return [[chance.randint(0, top) for _ in range(3)]]


@family(
    _trinomial,
    edges=[[[0, 0, 0]], [[5, 0, 0]], [[0, 6, 0]], [[25, 50, 25]], [[1, 0, 1]], [[10, 5, 3]]],
    compare="float",
)
def hardy_weinberg(
    counts: list[int],
    *,
    report: Literal["chi_square", "expected", "inbreeding", "excess"],
    allele: Literal["counted", "half_added"],
    correction: Literal["plain", "continuity"],
    fixed: Literal["none", "zero"],
) -> object:
    """How genotype counts compare with Hardy-Weinberg proportions."""
    total = sum(counts)
    extra = 0.5 if allele == "half_added" else 0.0
    if total == 0:
        return None if fixed == "none" else 0.0
    p = (2 * counts[0] + counts[1] + extra) / (2 * total + 2 * extra)
    expected = [p * p * total, 2 * p * (1 - p) * total, (1 - p) * (1 - p) * total]
    if report == "expected":
        return expected
    if expected[1] == 0:
        return None if fixed == "none" else 0.0
    if report == "inbreeding":
        return 1 - counts[1] / expected[1]
    if report == "excess":
        return counts[1] - expected[1]
    value = 0.0
    for seen, wanted in zip(counts, expected, strict=True):
        off = abs(seen - wanted)
        if correction == "continuity":
            off = max(0.0, off - 0.5)
        value += off * off / wanted
    return value


def _haplotypes(chance: Random) -> Arguments:
    base = [chance.choice(["00", "01", "10", "11"]) for _ in range(2)]
    pool = [*base, *base, "00", "01", "10", "11", "0.", ".1"]
    return [[chance.choice(pool) for _ in range(chance.randint(0, 12))]]


@family(
    _haplotypes,
    edges=[
        [[]],
        [["00"]],
        [["00", "11"]],
        [["00", "11", "01"]],
        [["0.", "11"]],
        [["01", "10"]],
        [["00", "00", "11", "10"]],
    ],
    compare="float",
)
def linkage_disequilibrium(
    haplotypes: list[str],
    *,
    measure: Literal["d", "d_prime", "r_squared", "r"],
    missing: Literal["skipped", "reference"],
    sign: Literal["signed", "absolute"],
    fixed: Literal["none", "zero"],
) -> float | None:
    """The linkage disequilibrium of two sites."""
    rows = [one.replace(".", "0") if missing == "reference" else one for one in haplotypes]
    rows = [one for one in rows if "." not in one]
    size = len(rows)
    if size == 0:
        return None if fixed == "none" else 0.0
    p = sum(one[0] == "1" for one in rows) / size
    q = sum(one[1] == "1" for one in rows) / size
    d = sum(one == "11" for one in rows) / size - p * q
    if measure == "d":
        return abs(d) if sign == "absolute" else d
    if p in (0, 1) or q in (0, 1):
        return None if fixed == "none" else 0.0
    if measure == "d_prime":
        most = min(p * (1 - q), (1 - p) * q) if d > 0 else min(p * q, (1 - p) * (1 - q))
        value = d / most
    else:
        value = d / (p * (1 - p) * q * (1 - q)) ** 0.5
        if measure == "r_squared":
            value = value * value
    return abs(value) if sign == "absolute" else value


def _sample(chance: Random) -> Arguments:
    size = chance.randint(1, 10)
    first = dna(chance, size, size)
    return [[mutated(chance, first, 0.2, "ACGTN-") for _ in range(chance.randint(1, 6))]]


@family(
    _sample,
    edges=[
        [["A"]],
        [["A", "A"]],
        [["A", "C"]],
        [["AC", "AG", "TT"]],
        [["N", "A"]],
        [["A-C", "ATC"]],
        [["A", "C", "G"]],
    ],
    compare="float",
)
def nucleotide_diversity(
    sequences: list[str],
    *,
    statistic: Literal["pi", "watterson", "segregating", "difference"],
    scale: Literal["per_site", "per_sequence"],
    missing: Literal["complete_sites", "pairwise"],
    alleles: Literal["any_number", "two_only"],
) -> float:
    """The diversity of aligned sequences."""
    count = len(sequences)
    sites = [
        column
        for column in zip(*sequences, strict=True)
        if missing == "pairwise" or all(one in "ACGT" for one in column)
    ]
    pi, segregating, used = 0.0, 0, 0
    for column in sites:
        letters = [one for one in column if one in "ACGT"]
        if alleles == "two_only" and len(set(letters)) > 2:
            continue
        used += 1
        segregating += len(set(letters)) > 1
        pairs = len(letters) * (len(letters) - 1) / 2
        same = sum(number * (number - 1) / 2 for number in Counter(letters).values())
        pi += (pairs - same) / pairs if pairs else 0.0
    harmonic = sum(1 / i for i in range(1, count))
    theta = segregating / harmonic if harmonic else 0.0
    if statistic == "pi":
        value = pi
    elif statistic == "watterson":
        value = theta
    elif statistic == "segregating":
        value = float(segregating)
    else:
        value = pi - theta
    if scale == "per_site":
        return value / used if used else 0.0
    return value


def _demes(chance: Random) -> Arguments:
    return [[[chance.randint(0, 10), chance.randint(1, 10)] for _ in range(chance.randint(1, 4))]]


@family(
    _demes,
    edges=[
        [[[0, 5]]],
        [[[0, 5], [5, 5]]],
        [[[2, 4], [2, 4]]],
        [[[1, 1], [0, 1]]],
        [[[12, 10], [4, 10]]],
    ],
    compare="float",
)
def fixation_index(
    populations: list[list[int]],
    *,
    average: Literal["equal", "by_size"],
    sampling: Literal["plain", "unbiased"],
    report: Literal["fst", "total", "within", "pairs"],
    negative: Literal["kept", "zeroed"],
) -> object:
    """The differentiation of populations at one site."""

    def spread(p: float, size: float) -> float:
        value = 2 * p * (1 - p)
        return value * size / (size - 1) if sampling == "unbiased" and size > 1 else value

    def index(chosen: list[tuple[float, int]]) -> list[float]:
        whole = sum(size for _, size in chosen)
        shares = [size / whole if average == "by_size" else 1 / len(chosen) for _, size in chosen]
        within = sum(
            share * spread(p, size) for share, (p, size) in zip(shares, chosen, strict=True)
        )
        mean = sum(share * p for share, (p, _) in zip(shares, chosen, strict=True))
        total = spread(mean, whole)
        value = (total - within) / total if total > 1e-12 else 0.0
        return [max(0.0, value) if negative == "zeroed" else value, total, within]

    known = [(min(hits, size) / size, size) for hits, size in populations]
    if report == "pairs":
        return [
            [i, j, index([known[i], known[j]])[0]]
            for i in range(len(known))
            for j in range(i + 1, len(known))
        ]
    fst, total, within = index(known)
    return fst if report == "fst" else total if report == "total" else within


def _spectrum(chance: Random) -> Arguments:
    size = chance.randint(1, 6)
    return [
        [
            dna(chance, size, size, chance.choice(["01", "0001", "01."]))
            for _ in range(chance.randint(0, 7))
        ],
        size,
    ]


@family(
    _spectrum,
    edges=[[[], 3], [["000"], 3], [["111"], 3], [["011", "001"], 3], [["0.1"], 3], [["01"], 2]],
)
def frequency_spectrum(
    sites: list[str],
    size: int,
    *,
    folding: Literal["derived", "minor"],
    fixed: Literal["with_fixed", "without_fixed"],
    missing: Literal["skipped", "ancestral"],
    report: Literal["spectrum", "singletons", "commonest"],
) -> object:
    """The site frequency spectrum."""
    counts = [0] * (size + 1)
    for site in sites:
        if "." in site and missing == "skipped":
            continue
        hits = site.count("1")
        counts[min(hits, size - hits) if folding == "minor" else hits] += 1
    last = size // 2 if folding == "minor" else size
    if report == "singletons":
        return counts[1] if last >= 1 else 0
    low, high = 0, last
    if fixed == "without_fixed":
        low, high = 1, last if folding == "minor" else size - 1
    spectrum = counts[low : high + 1]
    if report == "spectrum":
        return spectrum
    if not any(spectrum):
        return None
    return low + spectrum.index(max(spectrum))


def _pedigree(chance: Random) -> Arguments:
    people: list[list[object]] = []
    for name in "abcdefg"[: chance.randint(1, 7)]:
        known = [str(one[0]) for one in people]
        pair = chance.sample(known, 2) if len(known) > 1 and chance.random() < 0.7 else ["0", "0"]
        if chance.random() < 0.15 and known:
            pair[1] = "0"
        people.append([name, *pair])
    names = [str(one[0]) for one in people]
    return [people, chance.choice(names), chance.choice(names)]


@family(
    _pedigree,
    edges=[
        [[["a", "0", "0"]], "a", "a"],
        [[["a", "0", "0"], ["b", "0", "0"], ["c", "a", "b"], ["d", "a", "b"]], "c", "d"],
        [[["a", "0", "0"], ["b", "0", "0"], ["c", "a", "b"]], "a", "c"],
        [[["a", "0", "0"], ["b", "0", "0"], ["c", "a", "b"], ["d", "a", "c"]], "d", "d"],
    ],
    compare="float",
)
def pedigree_kinship(
    people: list[list[str]],
    first: str,
    second: str,
    *,
    report: Literal["kinship", "relatedness", "inbreeding", "ancestors"],
    sex: Literal["autosomes", "maternal_only"],
    itself: Literal["with_self", "without_self"],
    founders: Literal["outbred", "quarter"],
) -> object:
    """How two people of a pedigree are related."""
    parents = {
        name: [one for one in (father, mother) if sex == "autosomes" or one == mother]
        for name, father, mother in people
    }
    order = {name: number for number, (name, _, _) in enumerate(people)}

    def kinship(one: str, other: str) -> float:
        if "0" in (one, other):
            return 0.0
        if one == other:
            pair = parents[one]
            inbred = kinship(pair[0], pair[1]) if len(pair) == 2 else 0.0
            if founders == "quarter" and set(pair) == {"0"}:
                inbred = 0.25
            return 0.5 * (1 + inbred)
        if order[one] < order[other]:
            one, other = other, one
        return sum(kinship(parent, other) for parent in parents[one]) / 2

    def above(one: str) -> set[str]:
        found = {one} if itself == "with_self" else set()
        left = [one]
        while left:
            for parent in parents[left.pop()]:
                if parent != "0" and parent not in found:
                    found.add(parent)
                    left.append(parent)
        return found

    if report == "ancestors":
        return sorted(above(first) & above(second))
    if report == "inbreeding":
        return 2 * kinship(first, first) - 1
    value = kinship(first, second)
    return 2 * value if report == "relatedness" else value


def _haploblocks(chance: Random) -> Arguments:
    size = chance.randint(1, 6)
    kinds = [dna(chance, size, size, "01") for _ in range(chance.randint(1, 3))]
    rows = [chance.choice(kinds) for _ in range(chance.randint(1, 8))]
    rows = [mutated(chance, one, 0.08, "01.") for one in rows]
    return [rows, chance.randint(0, size - 1)]


@family(
    _haploblocks,
    edges=[
        [["0"], 0],
        [["01", "01"], 0],
        [["01", "11", "10"], 1],
        [["0.", "01"], 1],
        [["000", "001", "001", "011"], 1],
    ],
    compare="float",
)
def haplotype_homozygosity(
    haplotypes: list[str],
    core: int,
    *,
    around: Literal["both_sides", "right_only"],
    carriers: Literal["everyone", "derived"],
    missing: Literal["own_state", "dropped"],
    report: Literal["profile", "number", "commonest", "diversity"],
) -> object:
    """The homozygosity of haplotypes around a core site."""
    rows = [one for one in haplotypes if missing == "own_state" or "." not in one]
    if carriers == "derived":
        rows = [one for one in rows if one[core] == "1"]
    if not rows:
        return None
    size = len(rows[0])
    whole = Counter(one if around == "both_sides" else one[core:] for one in rows)
    if report == "number":
        return len(whole)
    if report == "commonest":
        return min(whole, key=lambda one: (-whole[one], one))
    count = len(rows)
    if report == "diversity":
        if count == 1:
            return 0.0
        return count / (count - 1) * (1 - sum((one / count) ** 2 for one in whole.values()))
    values = []
    for reach in range(max(core, size - 1 - core) + 1 if around == "both_sides" else size - core):
        low = max(0, core - reach) if around == "both_sides" else core
        groups = Counter(one[low : core + reach + 1] for one in rows)
        pairs = count * (count - 1)
        values.append(sum(n * (n - 1) for n in groups.values()) / pairs if pairs else 1.0)
    return values
