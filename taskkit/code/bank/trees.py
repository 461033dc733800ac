"""Distances, trees and their comparison."""

from __future__ import annotations

import math
from random import Random
from typing import Any, Literal

from taskkit.code.draw import dna, mutated
from taskkit.code.family import Arguments, family

PURINES = "AG"


def parsed(newick: str) -> list[Any]:
    """A Newick text as nested [name, length, children]."""
    stack: list[list[Any]] = [["", 0.0, []]]
    text = newick.strip().rstrip(";")
    at = 0
    node = stack[0]
    while at < len(text):
        letter = text[at]
        if letter in "(,":
            if letter == "(":
                stack.append(node)
            node = ["", 0.0, []]
            stack[-1][2].append(node)
            at += 1
        elif letter == ")":
            node = stack.pop()
            at += 1
        else:
            end = at
            while end < len(text) and text[end] not in "(),":
                end += 1
            name, _, length = text[at:end].partition(":")
            node[0], node[1] = name.strip(), float(length) if length else 0.0
            at = end
    return node


def leaves(node: list[Any]) -> list[str]:
    """The names below a node, in order."""
    if not node[2]:
        return [node[0]]
    return [name for child in node[2] for name in leaves(child)]


def _grown(chance: Random, names: list[str], *, binary: bool = False) -> str:
    """A random Newick text over the names."""
    nodes = [f"{name}:{round(chance.uniform(0.1, 3), 1)}" for name in names]
    while len(nodes) > 1:
        count = min(len(nodes), 2 if binary else chance.choice([2, 2, 2, 3]))
        chance.shuffle(nodes)
        inner = chance.choice(["", "", "x", "90"])
        joined = f"({','.join(nodes[:count])}){inner}"
        last = len(nodes) == count
        nodes = [joined if last else f"{joined}:{round(chance.uniform(0.1, 3), 1)}", *nodes[count:]]
    return nodes[0] + ";"


def _names(chance: Random, low: int, high: int) -> list[str]:
    return list("ABCDEFGH"[: chance.randint(low, high)])


def _tree(chance: Random) -> Arguments:
    return [_grown(chance, _names(chance, 1, 7))]


@family(_tree, edges=[["A;"], ["(A,B);"], ["(A:1,B:2)x;"], ["((A:1,B:1):1,C:2);"], ["(A,B,C,D);"],
                      ["(((A:1,B:2):0.5,C:3)y:1,D:1);"]], compare="float")  # fmt: skip
def tree_measure(
    newick: str,
    *,
    measure: Literal["height", "total_length", "sackin", "cherries", "leaf_depths"],
    lengths: Literal["branch_lengths", "edges"],
    over: Literal["leaves", "inner_nodes"],
    rounding: Literal["raw", "per_leaf"],
) -> object:
    """A measure of the shape of a tree."""
    depths: dict[str, float] = {}
    inner: list[float] = []
    total = 0.0
    cherries = 0
    left = [(parsed(newick), 0.0)]
    while left:
        node, depth = left.pop()
        if node[2]:
            inner.append(depth)
        else:
            depths[node[0]] = depth
        kids = node[2]
        cherries += len(kids) == 2 and not kids[0][2] and not kids[1][2]
        for child in kids:
            step = child[1] if lengths == "branch_lengths" else 1.0
            if over == "leaves" or child[2]:
                total += step
            left.append((child, depth + step))
    chosen = list(depths.values()) if over == "leaves" else inner
    if measure == "leaf_depths":
        return depths
    if measure == "height":
        value = max(chosen, default=0.0)
    elif measure == "total_length":
        value = total
    elif measure == "sackin":
        value = sum(chosen)
    else:
        value = float(cherries)
    return value / len(depths) if rounding == "per_leaf" else value


def _placed(chance: Random) -> Arguments:
    names = _names(chance, 2, 7)
    return [_grown(chance, names), chance.choice(names), chance.choice(names)]


@family(_placed, edges=[["(A:1,B:2);", "A", "B"], ["(A:1,B:2);", "A", "A"], ["((A:1,B:2):1,C:4);", "A", "C"],
                        ["((A:1,B:2):1,(C:4,D:1):2);", "A", "B"], ["((A:1,B:2):1,C:4);", "A", "Z"]],
        compare="float")  # fmt: skip
def leaf_relation(
    newick: str,
    first: str,
    second: str,
    *,
    report: Literal["distance", "clade", "depth", "outside"],
    lengths: Literal["branch_lengths", "edges"],
    missing: Literal["none", "raise"],
    order: Literal["alphabet", "as_written"],
) -> object:
    """How two leaves of a tree are related."""
    root = parsed(newick)
    everyone = leaves(root)
    if first not in everyone or second not in everyone:
        if missing == "raise":
            raise ValueError("no such leaf")
        return None
    node, depth = root, 0.0
    while True:
        below = [child for child in node[2] if {first, second} <= set(leaves(child))]
        if not below:
            break
        node = below[0]
        depth += node[1] if lengths == "branch_lengths" else 1.0
    inside = leaves(node)
    if report == "clade":
        return sorted(inside) if order == "alphabet" else inside
    if report == "outside":
        others = [name for name in everyone if name not in inside]
        return sorted(others) if order == "alphabet" else others
    if report == "depth":
        return depth
    total = 0.0
    for name in (first, second):
        at = node
        while at[2]:
            at = next(child for child in at[2] if name in leaves(child))
            total += at[1] if lengths == "branch_lengths" else 1.0
    return total


@family(_tree, edges=[["A;"], ["(A,B);"], ["(B:1,A:2)x;"], ["((B:1,A:1)x:1,C:2);"], ["(D,C,B,A);"],
                      ["((C:1,(B:1,A:1)90:1)x:1,D:1);"]], compare="tree")  # fmt: skip
def rewrite_tree(
    newick: str,
    *,
    change: Literal["drop_first", "collapse_short", "scale_height", "ladder"],
    lengths: Literal["kept", "dropped"],
    labels: Literal["kept_labels", "dropped_labels"],
    case: Literal["as_given", "lower"],
) -> str:
    """A tree changed and written again."""
    root = parsed(newick)

    def height(node: list[Any]) -> float:
        return max((child[1] + height(child) for child in node[2]), default=0.0)

    def pruned(node: list[Any], name: str) -> list[Any] | None:
        if not node[2]:
            return None if node[0] == name else node
        kids = [kept for child in node[2] if (kept := pruned(child, name)) is not None]
        if len(kids) == 1:
            return [kids[0][0], node[1] + kids[0][1], kids[0][2]]
        return [node[0], node[1], kids] if kids else None

    def collapsed(node: list[Any]) -> list[Any]:
        kids: list[Any] = []
        for child in map(collapsed, node[2]):
            if child[2] and child[1] < 1.0:
                kids += [[one[0], one[1] + child[1], one[2]] for one in child[2]]
            else:
                kids.append(child)
        return [node[0], node[1], kids]

    def written(node: list[Any], scale: float, *, top: bool) -> str:
        name = node[0].lower() if case == "lower" else node[0]
        text = name
        if node[2]:
            text = ",".join(written(child, scale, top=False) for child in node[2])
            text = f"({text})" + ("" if labels == "dropped_labels" else name)
        if lengths == "dropped" or top:
            return text
        return f"{text}:{node[1] * scale:.6g}"

    scale = 1.0
    if change == "drop_first":
        root = pruned(root, min(leaves(root))) or ["", 0.0, []]
    elif change == "collapse_short":
        root = collapsed(root)
    elif change == "scale_height":
        scale = 1 / (height(root) or 1.0)
    else:
        scale = float(len(leaves(root)))
    return written(root, scale, top=True) + ";"


def _both(chance: Random) -> Arguments:
    names = _names(chance, 3, 7)
    first = _grown(chance, list(names), binary=True)
    second = first if chance.random() < 0.15 else _grown(chance, list(names))
    return [first, second]


@family(_both, edges=[["(A,B,C);", "(C,B,A);"], ["((A,B),(C,D));", "((A,C),(B,D));"],
                      ["((A,B),C);", "(A,(B,C));"], ["(((A,B),C),D);", "((A,B),(C,D));"]],
        compare="float")  # fmt: skip
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


@family(_aligned, edges=[["A", "A"], ["A", "C"], ["AAAA", "GGGG"], ["ACGT", "ACGA"], ["----", "ACGT"],
                         ["AAAAAAAAAA", "AAAAAAAAGC"]], compare="float")  # fmt: skip
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


@family(_matrix, edges=[[["A"], [[0.0]]], [["B", "A"], [[0.0, 4.0], [4.0, 0.0]]],
                        [["A", "B", "C"], [[0.0, 2.0, 4.0], [2.0, 0.0, 4.0], [4.0, 4.0, 0.0]]],
                        [["A", "B", "C"], [[0.0, 2.0, 2.0], [2.0, 0.0, 2.0], [2.0, 2.0, 0.0]]]],
        compare="tree")  # fmt: skip
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


def _states(chance: Random) -> Arguments:
    names = _names(chance, 1, 6)
    tree = _grown(chance, list(names), binary=True)
    return [tree, {name: dna(chance, 3, 3, chance.choice(["AC", "ACG", "ACGT?"])) for name in names}]


@family(_states, edges=[["A;", {"A": "ACG"}], ["(A,B);", {"A": "ACG", "B": "ACT"}],
                        ["((A,B),C);", {"A": "AAA", "B": "CCC", "C": "AC?"}]], compare="float")  # fmt: skip
def parsimony_score(
    newick: str,
    states: dict[str, str],
    *,
    unknown: Literal["any_base", "own_state"],
    weights: Literal["equal", "third_half", "first_double"],
    report: Literal["total", "sites", "root", "informative"],
) -> object:
    """Fitch's parsimony of aligned states on a rooted tree."""
    root = parsed(newick)
    counts: list[int] = []
    roots = ""
    informative = 0

    def state(node: list[Any], site: int) -> tuple[set[str], int]:
        if not node[2]:
            letter = states[node[0]][site]
            return (set("ACGT") if letter == "?" and unknown == "any_base" else {letter}, 0)
        (one, a), (other, b) = state(node[2][0], site), state(node[2][1], site)
        return (one & other, a + b) if one & other else (one | other, a + b + 1)

    size = len(next(iter(states.values())))
    for site in range(size):
        found, changes = state(root, site)
        counts.append(changes)
        roots += min(found)
        column = [one[site] for one in states.values()]
        if unknown == "any_base":
            column = [letter for letter in column if letter != "?"]
        informative += sum(1 for letter in set(column) if column.count(letter) > 1) > 1
    if report == "root":
        return roots
    if report == "informative":
        return informative
    factor = [1.0, 1.0, 1.0]
    if weights == "third_half":
        factor[2] = 0.5
    if weights == "first_double":
        factor[0] = 2.0
    weighted = [count * one for count, one in zip(counts, factor, strict=True)]
    return weighted if report == "sites" else sum(weighted)
