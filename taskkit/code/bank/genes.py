"""Genes and assemblies: annotation files, expression, enrichment, contigs."""

from __future__ import annotations

import math
from random import Random
from typing import Literal

from taskkit.code.draw import dna
from taskkit.code.family import Arguments, family


def _gff(chance: Random) -> Arguments:
    lines = ["##gff-version 3"] * chance.randint(0, 1)
    for number in range(chance.randint(0, 6)):
        start = chance.randint(1, 60)
        kind = chance.choice(["gene", "mRNA", "exon", "exon", "CDS"])
        fields = [f"ID={kind}{number}"] * chance.randint(0, 1)
        fields += [f"Name={chance.choice(['a%2Cb', 'x y', 'brca'])}"] * chance.randint(0, 1)
        fields += [f"Parent={chance.choice(['t1', 't2', 't1,t2'])}"] * (kind in ("exon", "CDS"))
        lines.append(
            f"chr{chance.randint(1, 2)}\tsrc\t{kind}\t{start}\t{start + chance.randint(0, 9)}"
            f"\t.\t{chance.choice('+-.')}\t.\t{';'.join(fields) or '.'}"
        )
        if chance.random() < 0.1:
            lines.append("# a comment")
    return ["\n".join(lines), chance.choice(["gene", "exon", "exon", "CDS"])]


@family(
    _gff,
    edges=[
        ["", "gene"],
        ["chr1\ts\texon\t1\t1\t.\t+\t.\tParent=t1,t2", "exon"],
        ["chr1\ts\tgene\t5\t9\t.\t-\t.\tID=g;Name=a%2Cb", "gene"],
        ["chr1\ts\tgene\t5\t9\t.\t.\t.\t.", "gene"],
    ],
)
def parse_gff(
    gff: str,
    feature: str,
    *,
    report: Literal["records", "by_parent", "lengths", "names"],
    base: Literal["one", "zero"],
    strand: Literal["any_strand", "stranded"],
    escapes: Literal["decoded", "raw"],
    order: Literal["as_written", "by_place"],
) -> object:
    """The features of one kind in a GFF3 text."""
    rows: list[tuple[str, int, int, str, dict[str, str]]] = []
    for line in gff.splitlines():
        if not line or line.startswith("#"):
            continue
        chromosome, _, kind, first, end, _, side, _, text = line.split("\t")
        if kind != feature or (strand == "stranded" and side == "."):
            continue
        fields = dict(item.partition("=")[::2] for item in text.split(";") if "=" in item)
        if escapes == "decoded":
            fields = {key: value.replace("%2C", ",") for key, value in fields.items()}
        start = int(first) - (1 if base == "zero" else 0)
        rows.append((chromosome, start, int(end), side, fields))
    if order == "by_place":
        rows.sort(key=lambda row: row[:3])
    if report == "records":
        return [list(row[:4]) for row in rows]
    if report == "names":
        return [row[4].get("Name") or row[4].get("ID") for row in rows]
    if report == "lengths":
        totals: dict[str, int] = {}
        for chromosome, start, last, _, _ in rows:
            size = last - start + (1 if base == "one" else 0)
            totals[chromosome] = totals.get(chromosome, 0) + size
        return totals
    parents: dict[str, list[list[int]]] = {}
    for _, start, last, _, fields in rows:
        for parent in fields.get("Parent", "").split(","):
            if parent:
                parents.setdefault(parent, []).append([start, last])
    return parents


def _counted(chance: Random) -> Arguments:
    size = chance.randint(0, 6)
    return [
        [chance.choice([0, 0, 3, 10, 50, 200]) for _ in range(size)],
        [chance.choice([50, 100, 250, 1000]) for _ in range(size)],
    ]


@family(
    _counted,
    edges=[[[], []], [[0], [100]], [[0, 0], [10, 20]], [[10, 10], [100, 1000]], [[5], [50]]],
    compare="float",
)
def normalise_expression(
    counts: list[int],
    lengths: list[int],
    *,
    unit: Literal["cpm", "rpkm", "tpm", "upper_quartile"],
    length: Literal["full", "effective"],
    log: Literal["plain", "log2_plus_one", "log2_half"],
    library: Literal["all_genes", "without_largest"],
) -> list[float]:
    """Read counts of genes, normalised."""
    sizes = [max(1, one - 50 + 1) if length == "effective" else one for one in lengths]
    used = list(counts)
    if library == "without_largest" and used:
        used[used.index(max(used))] = 0
    total = float(sum(used))
    if unit == "tpm":
        total = sum(count / size for count, size in zip(used, sizes, strict=True))
        values = [count / size * 1e6 for count, size in zip(counts, sizes, strict=True)]
    elif unit == "rpkm":
        values = [count * 1e9 / size for count, size in zip(counts, sizes, strict=True)]
    elif unit == "cpm":
        values = [count * 1e6 for count in counts]
    else:
        ranked = sorted(count for count in used if count)
        total = float(ranked[3 * (len(ranked) - 1) // 4]) if ranked else 0.0
        values = [float(count) for count in counts]
    values = [value / total if total else 0.0 for value in values]
    if log == "log2_plus_one":
        return [math.log2(value + 1) for value in values]
    if log == "log2_half":
        return [math.log2(value + 0.5) for value in values]
    return values


def _groups(chance: Random) -> Arguments:
    pool: list[float | None] = [0.0, 0.0, 1.0, 2.0, 4.0, 8.0, 3.5, None]
    return [[chance.choice(pool) for _ in range(chance.randint(0, 5))] for _ in range(2)]


@family(
    _groups,
    edges=[
        [[], []],
        [[4.0], [1.0]],
        [[0.0], [1.0]],
        [[None], [2.0]],
        [[1.0, 1.0], [1.0, 1.0]],
        [[1.0, 2.0], [2.0, 4.0]],
    ],
    compare="float",
)
def fold_change(
    treated: list[float | None],
    control: list[float | None],
    *,
    average: Literal["mean", "median", "geometric"],
    pseudo: Literal["none_added", "one_added", "floor_half"],
    report: Literal["log2", "ratio", "signed"],
    missing: Literal["left_out", "zero"],
) -> float | None:
    """How much higher a gene is expressed under treatment."""
    centres = []
    for group in (treated, control):
        values = [
            0.0 if one is None else one for one in group if one is not None or missing == "zero"
        ]
        if pseudo == "one_added":
            values = [one + 1 for one in values]
        elif pseudo == "floor_half":
            values = [max(one, 0.5) for one in values]
        if not values:
            return None
        if average == "mean":
            centres.append(sum(values) / len(values))
        elif average == "median":
            ranked = sorted(values)
            middle = len(ranked) // 2
            centres.append((ranked[middle] + ranked[-middle - 1]) / 2)
        elif min(values) == 0:
            centres.append(0.0)
        else:
            centres.append(math.exp(sum(math.log(one) for one in values) / len(values)))
    high, low = centres
    if high == 0 or low == 0:
        return None
    if report == "log2":
        return math.log2(high / low)
    if report == "signed":
        return high / low if high >= low else -low / high
    return high / low


def _sets(chance: Random) -> Arguments:
    genes = list("abcdefghijkl")
    universe = sorted(chance.sample(genes, chance.randint(3, 12)))
    return [
        chance.sample(genes, chance.randint(0, 6)),
        chance.sample(genes, chance.randint(0, 6)),
        universe,
    ]


@family(
    _sets,
    edges=[
        [[], [], ["a"]],
        [["a"], ["a"], ["a", "b"]],
        [["a", "b"], ["c"], ["a", "b", "c"]],
        [["a", "a"], ["a"], ["a", "b", "c"]],
        [["z"], ["a"], ["a", "b"]],
    ],
    compare="float",
)
def gene_set_enrichment(
    hits: list[str],
    members: list[str],
    universe: list[str],
    *,
    report: Literal["p_value", "fold", "overlap", "jaccard"],
    tail: Literal["over", "under"],
    outside: Literal["dropped", "added"],
    empty: Literal["none", "one"],
) -> object:
    """How much a gene set overlaps the genes that were found."""
    whole = set(universe)
    if outside == "added":
        whole |= {*hits, *members}
    found, group = set(hits) & whole, set(members) & whole
    shared = found & group
    if report == "overlap":
        return sorted(shared)
    if report == "jaccard":
        joined = found | group
        if not joined:
            return None if empty == "none" else 1.0
        return len(shared) / len(joined)
    if not found or not group:
        return None if empty == "none" else 1.0
    if report == "fold":
        return len(shared) * len(whole) / (len(found) * len(group))
    size, k = len(whole), len(group)
    low, high = max(0, len(found) + k - size), min(len(found), k)
    chosen = range(len(shared), high + 1) if tail == "over" else range(low, len(shared) + 1)
    ways = sum(math.comb(k, x) * math.comb(size - k, len(found) - x) for x in chosen)
    return ways / math.comb(size, len(found))


def _contigs(chance: Random) -> Arguments:
    return [
        [
            dna(chance, 1, 14, chance.choice(["ACGT", "ACGTN", "GC"]))
            for _ in range(chance.randint(0, 7))
        ],
        chance.choice([20, 30, 60]),
    ]


@family(
    _contigs,
    edges=[
        [[], 20],
        [["ACGT"], 20],
        [["AAAA", "CCCC"], 8],
        [["A", "CC", "GGG", "TTTT"], 30],
        [["NN", "ACN"], 20],
    ],
    compare="float",
)
def assembly_statistics(
    contigs: list[str],
    genome: int,
    *,
    statistic: Literal["n50", "l50", "n90", "aun", "gc"],
    of: Literal["assembly", "genome_size"],
    short: Literal["all_contigs", "three_up"],
    unknown: Literal["counted", "split_at_n"],
) -> object:
    """A statistic of an assembly's contigs."""
    pieces = list(contigs)
    if unknown == "split_at_n":
        pieces = [piece for one in contigs for piece in one.split("N") if piece]
    sizes = sorted(
        (len(one) for one in pieces if len(one) >= (3 if short == "three_up" else 1)), reverse=True
    )
    total = genome if of == "genome_size" else sum(sizes)
    if not sizes:
        return None
    if statistic == "gc":
        kept = "".join(one for one in pieces if len(one) >= (3 if short == "three_up" else 1))
        return (kept.count("G") + kept.count("C")) / total
    if statistic == "aun":
        return sum(size * size for size in sizes) / total
    reached = 0
    for number, size in enumerate(sizes, 1):
        reached += size
        if reached * 100 >= total * (90 if statistic == "n90" else 50):
            return number if statistic == "l50" else size
    return None


def _reads(chance: Random) -> Arguments:
    genome = dna(chance, 6, 14)
    reads = []
    for _ in range(chance.randint(1, 5)):
        at = chance.randint(0, len(genome) - 3)
        reads.append(genome[at : at + chance.randint(3, 6)])
    return [reads, chance.randint(1, 3)]


@family(
    _reads,
    edges=[
        [["ACG"], 1],
        [["ACG", "CGT"], 2],
        [["ACG", "CGT"], 3],
        [["ACGT", "CG"], 1],
        [["AAA", "AAA"], 2],
        [["ACG", "TTT"], 1],
        [["ACG", "GTA", "GCC"], 1],
    ],
)
def greedy_assembly(
    reads: list[str],
    least: int,
    *,
    contained: Literal["dropped", "kept"],
    tie: Literal["first_pair", "longest_result"],
    strands: Literal["given", "both"],
    report: Literal["contigs", "longest", "steps"],
) -> object:
    """Contigs from reads, joined greedily at their longest overlaps."""
    others = dict(zip("ACGT", "TGCA", strict=True))
    pieces = list(reads)
    if contained == "dropped":
        distinct = list(dict.fromkeys(reads))
        pieces = [
            one for one in distinct if not any(one in other for other in distinct if other != one)
        ]
    steps = []
    while True:
        best: tuple[int, int, int, int, str] | None = None
        for i, one in enumerate(pieces):
            for j, other in enumerate(pieces):
                if i == j:
                    continue
                forms = [other]
                if strands == "both":
                    forms.append("".join(others[base] for base in reversed(other)))
                for form in forms:
                    for size in range(min(len(one), len(form)), least - 1, -1):
                        if not one.endswith(form[:size]):
                            continue
                        joined = one + form[size:]
                        key = len(joined) if tie == "longest_result" else 0
                        if best is None or (size, key) > best[:2]:
                            best = (size, key, i, j, joined)
                        break
        if best is None:
            break
        size, _, i, j, joined = best
        pieces = [one for at, one in enumerate(pieces) if at not in (i, j)] + [joined]
        steps.append(size)
    if report == "steps":
        return steps
    ranked = sorted(pieces, key=lambda one: (-len(one), one))
    return ranked if report == "contigs" else ranked[0]
