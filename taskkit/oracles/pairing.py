"""Pair rows whose numbers may differ a little, each with one of its own."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Hashable, Sequence
from itertools import pairwise
from operator import itemgetter
from typing import TypeAlias

from taskkit.oracles.near import near, slack
from taskkit.spec.oracle import Tolerance

Numbers: TypeAlias = tuple[int | float, ...]
Row: TypeAlias = tuple[Hashable, Numbers]
"""What must be equal, and the numbers that must be near, in order."""
FREE = -1


def close(expected: Numbers, actual: Numbers, tolerance: Tolerance) -> bool:
    """Say whether every number is near the expected one at its place."""
    return all(near(e, a, tolerance) for e, a in zip(expected, actual, strict=True))


def same_order(expected: Sequence[Row], actual: Sequence[Row], tolerance: Tolerance) -> bool:
    """Say whether the rows are the same, one after the other."""
    return len(expected) == len(actual) and all(
        key == other and close(numbers, others, tolerance)
        for (key, numbers), (other, others) in zip(expected, actual, strict=True)
    )


def same_multiset(expected: Sequence[Row], actual: Sequence[Row], tolerance: Tolerance) -> bool:
    """Say whether the rows can be paired one to one."""
    if len(expected) != len(actual):
        return False
    wanted, given = grouped(expected), grouped(actual)
    if {key: len(rows) for key, rows in wanted.items()} != {
        key: len(rows) for key, rows in given.items()
    }:
        return False
    return all(paired(rows, given[key], tolerance) for key, rows in wanted.items())


def same_set(expected: Sequence[Row], actual: Sequence[Row], tolerance: Tolerance) -> bool:
    """Say whether every row has a fellow on the other side, however often it stands there."""
    wanted, given = grouped(expected), grouped(actual)
    if wanted.keys() != given.keys():
        return False
    for key, rows in wanted.items():
        edges = fellows(rows, sorted(set(given[key])), tolerance)
        if not all(edges) or len(set().union(*edges)) != len(set(given[key])):
            return False
    return True


def grouped(rows: Sequence[Row]) -> dict[Hashable, list[Numbers]]:
    """Gather the numbers of the rows that agree in all else."""
    groups: dict[Hashable, list[Numbers]] = {}
    for key, numbers in rows:
        groups.setdefault(key, []).append(numbers)
    return groups


def paired(expected: list[Numbers], actual: list[Numbers], tolerance: Tolerance) -> bool:
    """Say whether two equally long lists can be paired one to one.

    Sorted order pairs nearly always, if the column that tells most rows apart comes first; where
    it does not, a maximum matching decides.
    """
    places = range(len(expected[0]))
    order = sorted(places, key=lambda i: -gaps([row[i] for row in expected], tolerance))
    wanted, given = arranged(expected, order), arranged(actual, order)
    if all(close(e, a, tolerance) for e, a in zip(wanted, given, strict=True)):
        return True
    edges = fellows(wanted, given, tolerance)
    return all(edges) and matching(edges, len(given)) == len(wanted)


def gaps(column: list[int | float], tolerance: Tolerance) -> int:
    """Count the places where a sorted column goes up by more than the tolerance."""
    column.sort()
    return sum(not near(a, b, tolerance) for a, b in pairwise(column))


def arranged(rows: Sequence[Numbers], order: Sequence[int]) -> list[Numbers]:
    """Sort rows with their columns in another order."""
    return sorted(tuple(row[i] for i in order) for row in rows)


def fellows(
    expected: Sequence[Numbers], given: Sequence[Numbers], tolerance: Tolerance
) -> list[list[int]]:
    """Give, for each expected row, the indexes of the sorted ``given`` rows near it."""
    edges = []
    for row in expected:
        low, high = 0, len(given)
        if row:
            reach = slack(row[0], tolerance) * (1 + 1e-9)  # rounding at the very bound
            low = bisect_left(given, row[0] - reach, key=itemgetter(0))
            high = bisect_right(given, row[0] + reach, key=itemgetter(0))
        edges.append([i for i in range(low, high) if close(row, given[i], tolerance)])
    return edges


def matching(edges: Sequence[Sequence[int]], right: int) -> int:
    """Give the size of a maximum matching, by Hopcroft and Karp.

    Args:
        edges: For each vertex on the left, its neighbours on the right.
        right: Number of vertices on the right.
    """
    mate_left, mate_right = [FREE] * len(edges), [FREE] * right
    size = 0
    while True:
        depth = layers(edges, mate_left, mate_right)
        found = sum(
            augment(root, edges, depth, mate_left, mate_right)
            for root in range(len(edges))
            if mate_left[root] == FREE
        )
        if not found:
            return size
        size += found


def layers(
    edges: Sequence[Sequence[int]], mate_left: list[int], mate_right: list[int]
) -> list[int]:
    """Give each left vertex its distance from a free one along alternating paths."""
    depth = [0 if mate == FREE else FREE for mate in mate_left]
    queue = deque(i for i, mate in enumerate(mate_left) if mate == FREE)
    while queue:
        here = queue.popleft()
        for j in edges[here]:
            there = mate_right[j]
            if there != FREE and depth[there] == FREE:
                depth[there] = depth[here] + 1
                queue.append(there)
    return depth


def augment(
    root: int,
    edges: Sequence[Sequence[int]],
    depth: list[int],
    mate_left: list[int],
    mate_right: list[int],
) -> bool:
    """Lengthen the matching by one along a shortest path from ``root``, where there is one."""
    trail = [(root, iter(edges[root]))]
    chosen: list[int] = []
    while trail:
        here, choices = trail[-1]
        for j in choices:
            there = mate_right[j]
            if there == FREE:
                chosen.append(j)
                for (left, _), taken in zip(trail, chosen, strict=True):
                    mate_left[left], mate_right[taken] = taken, left
                return True
            if depth[there] == depth[here] + 1:
                chosen.append(j)
                trail.append((there, iter(edges[there])))
                break
        else:
            depth[here] = len(edges) + 1  # a dead end in this phase
            trail.pop()
            if chosen:
                chosen.pop()
    return False
