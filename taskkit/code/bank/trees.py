"""Trees: their shape, their leaves, changes of them, parsimony."""

from __future__ import annotations

from random import Random
from typing import Any, Literal

from taskkit.code.bank.newick import leaves, parsed
from taskkit.code.draw import dna, grown, leaf_names
from taskkit.code.family import Arguments, family

PURINES = "AG"


def _tree(chance: Random) -> Arguments:
    return [grown(chance, leaf_names(chance, 1, 7))]


@family(
    _tree,
    edges=[
        ["A;"],
        ["(A,B);"],
        ["(A:1,B:2)x;"],
        ["((A:1,B:1):1,C:2);"],
        ["(A,B,C,D);"],
        ["(((A:1,B:2):0.5,C:3)y:1,D:1);"],
    ],
    compare="float",
)
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
    names = leaf_names(chance, 2, 7)
    return [grown(chance, names), chance.choice(names), chance.choice(names)]


@family(
    _placed,
    edges=[
        ["(A:1,B:2);", "A", "B"],
        ["(A:1,B:2);", "A", "A"],
        ["((A:1,B:2):1,C:4);", "A", "C"],
        ["((A:1,B:2):1,(C:4,D:1):2);", "A", "B"],
        ["((A:1,B:2):1,C:4);", "A", "Z"],
    ],
    compare="float",
)
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
    node = root
    depth = 0.0
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


@family(
    _tree,
    edges=[
        ["A;"],
        ["(A,B);"],
        ["(B:1,A:2)x;"],
        ["((B:1,A:1)x:1,C:2);"],
        ["(D,C,B,A);"],
        ["((C:1,(B:1,A:1)90:1)x:1,D:1);"],
    ],
    compare="tree",
)
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
        name = str(node[0].lower() if case == "lower" else node[0])
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


def _states(chance: Random) -> Arguments:
    names = leaf_names(chance, 1, 6)
    tree = grown(chance, list(names), binary=True)
    return [
        tree,
        {name: dna(chance, 3, 3, chance.choice(["AC", "ACG", "ACGT?"])) for name in names},
    ]


@family(
    _states,
    edges=[
        ["A;", {"A": "ACG"}],
        ["(A,B);", {"A": "ACG", "B": "ACT"}],
        ["((A,B),C);", {"A": "AAA", "B": "CCC", "C": "AC?"}],
    ],
    compare="float",
)
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
