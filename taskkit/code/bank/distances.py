"""Distances of sequences and of trees, and trees made of distances."""

from __future__ import annotations

import math
from random import Random
from typing import Literal

from taskkit.code.bank.newick import leaves, parsed
from taskkit.code.draw import dna, grown, leaf_names, mutated
from taskkit.code.family import Arguments, family

PURINES = "AG"


def _both(chance: Random) -> Arguments:
    names = leaf_names(chance, 3, 7)
    first = grown(chance, list(names), binary=True)
    second = first if chance.random() < 0.15 else grown(chance, list(names))
    return [first, second]


@family(
    _both,
    edges=[
        ["(A,B,C);", "(C,B,A);"],
        ["((A,B),(C,D));", "((A,C),(B,D));"],
        ["((A,B),C);", "(A,(B,C));"],
        ["(((A,B),C),D);", "((A,B),(C,D));"],
    ],
    compare="float",
)
def tree_distance(
    first: str,
    second: str,
    *,
    kind: Literal["splits", "clades"],
    scale: Literal["count", "share", "similarity"],
    missing: Literal["both_sides", "first_only", "second_only"],
    report: Literal["distance", "listed"],
) -> object:
    """How many groups two trees do not share."""
    sets: list[set[frozenset[str]]] = []
    for newick in (first, second):
        root = parsed(newick)
        everyone = frozenset(leaves(root))
        found: set[frozenset[str]] = set()
        left = list(root[2])
        while left:
            node = left.pop()
            left += node[2]
            group = frozenset(leaves(node))
            if kind == "splits":
                if min(everyone) in group:
                    group = everyone - group
                if 2 <= len(group) <= len(everyone) - 2:
                    found.add(group)
            elif 2 <= len(group) < len(everyone):
                found.add(group)
        sets.append(found)
    one, other = sets
    if missing == "first_only":
        apart = one - other
    elif missing == "second_only":
        apart = other - one
    else:
        apart = one ^ other
    if report == "listed":
        return sorted("".join(sorted(group)) for group in apart)
    if scale == "count":
        return len(apart)
    total = len(one) + len(other)
    if missing == "first_only":
        total = len(one)
    elif missing == "second_only":
        total = len(other)
    share = len(apart) / total if total else 0.0
    return 1 - share if scale == "similarity" else share


def _aligned(chance: Random) -> Arguments:
    size = chance.randint(1, 14)
    first = dna(chance, size, size, chance.choice(["ACGT", "ACGTN-"]))
    return [first, mutated(chance, first, 0.3, "ACGT-")]


@family(
    _aligned,
    edges=[
        ["A", "A"],
        ["A", "C"],
        ["AAAA", "GGGG"],
        ["ACGT", "ACGA"],
        ["----", "ACGT"],
        ["AAAAAAAAAA", "AAAAAAAAGC"],
    ],
    compare="float",
)
def evolutionary_distance(
    first: str,
    second: str,
    *,
    model: Literal["p", "jukes_cantor", "kimura", "transversions"],
    gaps: Literal["skipped", "mismatch"],
    saturated: Literal["none", "ceiling"],
    rounding: Literal["exact", "four_decimals"],
) -> float | None:
    """The evolutionary distance of two aligned sequences."""
    sites = transitions = transversions = 0
    for one, other in zip(first, second, strict=True):
        if one == "N" or other == "N" or (one == "-" and other == "-"):
            continue
        if one == "-" or other == "-":
            if gaps == "mismatch":
                sites += 1
                transversions += 1
            continue
        sites += 1
        if one != other:
            same = (one in PURINES) == (other in PURINES)
            transitions += same
            transversions += not same
    if sites == 0:
        return None
    p, q = transitions / sites, transversions / sites
    if model == "p":
        value = p + q
    elif model == "transversions":
        value = q
    elif model == "jukes_cantor":
        left = 1 - 4 * (p + q) / 3
        if left <= 1e-12:
            return None if saturated == "none" else 5.0
        value = -0.75 * math.log(left)
    else:
        left, right = 1 - 2 * p - q, 1 - 2 * q
        if left <= 1e-12 or right <= 1e-12:
            return None if saturated == "none" else 5.0
        value = -0.5 * math.log(left) - 0.25 * math.log(right)
    value = value + 0.0
    return round(value, 4) if rounding == "four_decimals" else value


def _matrix(chance: Random) -> Arguments:
    size = chance.randint(1, 5)
    names = list("ABCDE"[:size])
    chance.shuffle(names)
    rows = [[0.0] * size for _ in range(size)]
    for i in range(size):
        for j in range(i):
            rows[i][j] = rows[j][i] = float(chance.randint(1, 12))
    return [names, rows]


@family(
    _matrix,
    edges=[
        [["A"], [[0.0]]],
        [["B", "A"], [[0.0, 4.0], [4.0, 0.0]]],
        [["A", "B", "C"], [[0.0, 2.0, 4.0], [2.0, 0.0, 4.0], [4.0, 4.0, 0.0]]],
        [["A", "B", "C"], [[0.0, 2.0, 2.0], [2.0, 0.0, 2.0], [2.0, 2.0, 0.0]]],
    ],
    compare="tree",
)
def cluster_tree(
    names: list[str],
    distances: list[list[float]],
    *,
    linkage: Literal["upgma", "wpgma", "single", "complete"],
    heights: Literal["halved", "full", "without"],
    limit: Literal["everything", "half_of_largest"],
    labels: Literal["plain", "sized"],
) -> str:
    """A rooted tree by agglomerative clustering."""
    nodes = [(name, 0.0, 1, min(names[i : i + 1])) for i, name in enumerate(names)]
    table = {(i, j): distances[i][j] for i in range(len(names)) for j in range(len(names))}
    alive = list(range(len(names)))
    most = max(max(row) for row in distances)
    while len(alive) > 1:
        i, j = min(
            ((i, j) for i in alive for j in alive if i < j),
            key=lambda pair: (table[pair], sorted((nodes[pair[0]][3], nodes[pair[1]][3]))),
        )
        if limit == "half_of_largest" and table[i, j] > most / 2:
            break
        one, other = nodes[i], nodes[j]
        height = table[i, j] / 2 if heights == "halved" else table[i, j]
        parts = []
        for text, below, _, _ in (one, other):
            parts.append(text if heights == "without" else f"{text}:{height - below:.6g}")
        size = one[2] + other[2]
        label = str(size) if labels == "sized" else ""
        new = len(nodes)
        nodes.append((f"({','.join(parts)}){label}", height, size, min(one[3], other[3])))
        alive = [at for at in alive if at not in (i, j)]
        for at in alive:
            a, b = table[i, at], table[j, at]
            if linkage == "upgma":
                value = (a * one[2] + b * other[2]) / size
            elif linkage == "wpgma":
                value = (a + b) / 2
            else:
                value = min(a, b) if linkage == "single" else max(a, b)
            table[new, at] = table[at, new] = value
        alive.append(new)
    texts = [nodes[at][0] for at in alive]
    return texts[0] + ";" if len(texts) == 1 else f"({','.join(texts)});"
