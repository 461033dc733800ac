"""Intervals on a genome: merging, overlap, coverage, distance, bins."""

from __future__ import annotations

from random import Random
from typing import Literal

from taskkit.code.draw import CHROMOSOMES, spans
from taskkit.code.family import Arguments, family


def _loose(chance: Random) -> Arguments:
    made = [
        [chance.choice(CHROMOSOMES[:2]), *one, chance.choice("+-")]
        for one in spans(chance, 8, 25, 8)
    ]
    return [made, chance.choice([0, 0, 1, 3])]


@family(
    _loose,
    edges=[
        [[], 0],
        [[["chr1", 1, 3, "+"], ["chr1", 3, 5, "+"]], 0],
        [[["chr1", 1, 3, "+"], ["chr1", 4, 5, "-"]], 1],
        [[["chr1", 1, 9, "+"], ["chr1", 2, 3, "-"]], 0],
    ],
)
def merge_intervals(
    intervals: list[list[object]],
    gap: int,
    *,
    touching: Literal["merged", "apart"],
    strand: Literal["ignored", "kept"],
    coordinates: Literal["half_open", "inclusive"],
    report: Literal["intervals", "counts", "total", "longest"],
) -> object:
    """Intervals joined where they overlap or nearly do."""
    groups: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for chromosome, start, end, side in intervals:
        key = (str(chromosome), str(side) if strand == "kept" else ".")
        groups.setdefault(key, []).append((int(str(start)), int(str(end))))
    merged: list[list[object]] = []
    for key in sorted(groups):
        first, last, count = None, 0, 0
        for start, end in sorted(groups[key]):
            space = start - last - 1 if coordinates == "inclusive" else start - last
            near = space <= gap if touching == "merged" else space < max(gap, 0)
            if first is not None and near:
                last, count = max(last, end), count + 1
                continue
            if first is not None:
                merged.append([*key, first, last, count])
            first, last, count = start, end, 1
        if first is not None:
            merged.append([*key, first, last, count])
    extra = 1 if coordinates == "inclusive" else 0
    sizes = [int(str(one[3])) - int(str(one[2])) + extra for one in merged]
    if report == "total":
        return sum(sizes)
    if report == "longest":
        return max(sizes, default=0)
    shown = [
        [one[0], one[2], one[3], one[1]] if strand == "kept" else [one[0], one[2], one[3]]
        for one in merged
    ]
    if report == "counts":
        return [[*one, whole[4]] for one, whole in zip(shown, merged, strict=True)]
    return shown


def _two(chance: Random) -> Arguments:
    first = [
        [chance.choice(CHROMOSOMES[:2]), *one, chance.choice("+-.")]
        for one in spans(chance, 5, 20, 8)
    ]
    second = [
        [chance.choice(CHROMOSOMES[:2]), *one, chance.choice("+-.")]
        for one in spans(chance, 6, 20, 8)
    ]
    return [first, second, chance.choice([1, 1, 2, 4])]


@family(
    _two,
    edges=[
        [[], [], 1],
        [[["chr1", 0, 5, "+"]], [["chr1", 5, 8, "+"]], 1],
        [[["chr1", 0, 5, "+"]], [["chr1", 4, 8, "-"]], 1],
        [[["chr1", 0, 5, "+"]], [], 1],
    ],
)
def overlapping_features(
    queries: list[list[object]],
    features: list[list[object]],
    least: int,
    *,
    strand: Literal["ignored", "same", "opposite"],
    needed: Literal["bases", "half_query", "contained"],
    report: Literal["pairs", "counts", "without", "bases"],
    coordinates: Literal["half_open", "inclusive"],
) -> list[object]:
    """Which features overlap which queries."""
    extra = 1 if coordinates == "inclusive" else 0
    pairs: list[object] = []
    counts: list[object] = []
    without: list[object] = []
    bases: list[object] = []
    for number, query in enumerate(queries):
        count = shared = 0
        for other, feature in enumerate(features):
            if query[0] != feature[0]:
                continue
            if strand == "same" and query[3] != feature[3]:
                continue
            if strand == "opposite" and {query[3], feature[3]} != {"+", "-"}:
                continue
            start = max(int(str(query[1])), int(str(feature[1])))
            end = min(int(str(query[2])), int(str(feature[2])))
            overlap = end - start + extra
            size = int(str(query[2])) - int(str(query[1])) + extra
            if overlap < least:
                continue
            if needed == "half_query" and 2 * overlap < size:
                continue
            if needed == "contained" and overlap < size:
                continue
            pairs.append([number, other])
            count += 1
            shared += overlap
        counts.append(count)
        bases.append(shared)
        if not count:
            without.append(number)
    if report == "pairs":
        return pairs
    if report == "counts":
        return counts
    return without if report == "without" else bases


def _covered(chance: Random) -> Arguments:
    size = chance.randint(1, 25)
    return [spans(chance, 7, size - 1, 9), size]


@family(
    _covered,
    edges=[[[], 3], [[[0, 3]], 3], [[[0, 1], [1, 2]], 4], [[[2, 9]], 5], [[[1, 3], [1, 3]], 4]],
    compare="float",
)
def depth_profile(
    reads: list[list[int]],
    size: int,
    *,
    coordinates: Literal["half_open", "inclusive"],
    report: Literal["blocks", "mean", "breadth", "deepest", "median"],
    zero: Literal["with_zero", "covered_only"],
    cap: Literal["uncapped", "two"],
) -> object:
    """The depth of coverage along a reference."""
    depth = [0] * size
    for start, end in reads:
        for at in range(start, min(size, end + 1 if coordinates == "inclusive" else end)):
            depth[at] += 1
    if cap == "two":
        depth = [min(one, 2) for one in depth]
    counted = sorted(one for one in depth if one) if zero == "covered_only" else sorted(depth)
    if report == "mean":
        return sum(counted) / len(counted) if counted else 0.0
    if report == "median":
        if not counted:
            return 0.0
        return (counted[len(counted) // 2] + counted[(len(counted) - 1) // 2]) / 2
    if report == "breadth":
        return sum(1 for one in depth if one >= (2 if cap == "two" else 1)) / size
    blocks: list[list[int]] = []
    for at, one in enumerate(depth):
        if blocks and blocks[-1][2] == one and blocks[-1][1] == at:
            blocks[-1][1] = at + 1
        elif one or zero == "with_zero":
            blocks.append([at, at + 1, one])
    if report == "deepest":
        most = max(depth)
        return [one[:2] for one in blocks if one[2] == most]
    return blocks


def _cut(chance: Random) -> Arguments:
    return [spans(chance, 5, 25, 9), spans(chance, 5, 25, 7)]


@family(
    _cut,
    edges=[
        [[], []],
        [[[0, 5]], []],
        [[[0, 5]], [[1, 2]]],
        [[[0, 5]], [[0, 5]]],
        [[[3, 4]], [[0, 9]]],
        [[[0, 9]], [[2, 3], [3, 4]]],
    ],
)
def interval_algebra(
    first: list[list[int]],
    second: list[list[int]],
    *,
    operation: Literal["minus", "both", "either", "one_only"],
    coordinates: Literal["half_open", "inclusive"],
    joining: Literal["touching_joined", "bounds_kept"],
    report: Literal["intervals", "bases"],
    short: Literal["all", "two_or_more"],
) -> object:
    """Two sets of intervals combined as sets of positions."""
    extra = 1 if coordinates == "inclusive" else 0
    one = {at for start, end in first for at in range(start, end + extra)}
    other = {at for start, end in second for at in range(start, end + extra)}
    if operation == "minus":
        chosen = one - other
    elif operation == "both":
        chosen = one & other
    elif operation == "either":
        chosen = one | other
    else:
        chosen = one ^ other
    bounds = set()
    if joining == "bounds_kept":
        for start, end in first + second:
            bounds |= {start, end + extra}
    made: list[list[int]] = []
    for at in sorted(chosen):
        if made and made[-1][1] == at and at not in bounds:
            made[-1][1] = at + 1
        else:
            made.append([at, at + 1])
    made = [part for part in made if part[1] - part[0] >= (2 if short == "two_or_more" else 1)]
    if report == "bases":
        return sum(end - start for start, end in made)
    return [[start, end - extra] for start, end in made]


def _placed(chance: Random) -> Arguments:
    genes = [
        [f"g{number}", *one, chance.choice("+-")]
        for number, one in enumerate(spans(chance, 6, 30, 6))
    ]
    return [chance.randint(0, 35), genes]


@family(
    _placed,
    edges=[
        [5, []],
        [5, [["a", 5, 8, "+"]]],
        [8, [["a", 5, 8, "+"]]],
        [10, [["a", 5, 8, "+"], ["b", 12, 20, "-"]]],
        [10, [["b", 12, 20, "-"], ["a", 0, 8, "-"]]],
    ],
)
def nearest_gene(
    position: int,
    genes: list[list[object]],
    *,
    to: Literal["body", "start_site", "end_site"],
    side: Literal["any", "upstream", "downstream"],
    tie: Literal["first_listed", "alphabet_last", "all"],
    sign: Literal["absolute", "signed"],
) -> object:
    """The gene nearest to a position."""
    best: list[list[object]] = []
    for name, start, end, strand in genes:
        left, right = int(str(start)), int(str(end)) - 1
        forward = strand == "+"
        if to == "start_site":
            left = right = left if forward else right
        elif to == "end_site":
            left = right = right if forward else left
        distance = left - position if position < left else right - position
        if left <= position <= right:
            distance = 0
        along = -distance if forward else distance
        if side == "upstream" and along > 0:
            continue
        if side == "downstream" and along < 0:
            continue
        shown = along if sign == "signed" else abs(distance)
        if not best or abs(distance) < abs(int(str(best[0][1]))):
            best = [[name, shown]]
        elif abs(distance) == abs(int(str(best[0][1]))):
            best.append([name, shown])
    if tie == "all":
        return best
    if not best:
        return None
    return best[0] if tie == "first_listed" else max(best, key=lambda one: str(one[0]))


def _binned(chance: Random) -> Arguments:
    marks = [
        [chance.randint(0, 30), chance.choice([1, 1, 2, 5])] for _ in range(chance.randint(0, 10))
    ]
    return [marks, chance.randint(2, 8), chance.randint(20, 33)]


@family(
    _binned,
    edges=[[[], 5, 20], [[[0, 1]], 5, 20], [[[20, 1]], 5, 20], [[[5, 2]], 5, 21]],
    compare="float",
)
def bin_signal(
    marks: list[list[int]],
    width: int,
    size: int,
    *,
    base: Literal["zero", "one"],
    summary: Literal["sum", "mean", "peak", "count"],
    tail: Literal["kept", "dropped"],
    scale: Literal["raw", "per_base", "share"],
) -> list[float]:
    """Weighted positions gathered in bins of equal width."""
    count = size // width if tail == "dropped" else -(-size // width)
    bins: list[list[int]] = [[] for _ in range(count)]
    for position, weight in marks:
        at = position - 1 if base == "one" else position
        if 0 <= at < size and at // width < count:
            bins[at // width].append(weight)
    if summary == "sum":
        values = [float(sum(one)) for one in bins]
    elif summary == "count":
        values = [float(len(one)) for one in bins]
    elif summary == "peak":
        values = [float(max(one, default=0)) for one in bins]
    else:
        values = [sum(one) / len(one) if one else 0.0 for one in bins]
    if scale == "per_base":
        return [
            value / (min(size, (at + 1) * width) - at * width) for at, value in enumerate(values)
        ]
    if scale == "share":
        total = sum(values)
        return [value / total if total else 0.0 for value in values]
    return values


def _transcript(chance: Random) -> Arguments:
    exons = []
    at = chance.randint(1, 5)
    for _ in range(chance.randint(1, 4)):
        end = at + chance.randint(0, 5)
        exons.append([at, end])
        at = end + chance.randint(2, 5)
    chance.shuffle(exons)
    return [exons, chance.choice("+-"), chance.randint(0, 28)]


@family(
    _transcript,
    edges=[
        [[[1, 5]], "+", 1],
        [[[1, 5]], "-", 1],
        [[[1, 5]], "+", 6],
        [[[1, 3], [7, 9]], "+", 5],
        [[[1, 3], [7, 9]], "-", 7],
    ],
)
def transcript_position(
    exons: list[list[int]],
    strand: str,
    position: int,
    *,
    direction: Literal["genome_to_transcript", "transcript_to_genome"],
    base: Literal["zero", "one"],
    outside: Literal["none", "raise", "nearest"],
    detail: Literal["position", "with_exon"],
) -> object:
    """A position on a genome as a position on a transcript, or the other way."""
    ordered = sorted(exons, reverse=strand == "-")
    places: list[tuple[int, int]] = []
    for number, (first, last) in enumerate(ordered, 1):
        covered = range(first, last + 1)
        places += [(at, number) for at in (reversed(covered) if strand == "-" else covered)]
    shift = 0 if base == "zero" else 1
    if direction == "transcript_to_genome":
        at = position - shift
        if not 0 <= at < len(places):
            if outside == "raise":
                raise ValueError("outside the transcript")
            if outside == "none":
                return None
            at = max(0, min(at, len(places) - 1))
        return list(places[at]) if detail == "with_exon" else places[at][0]
    genome = [place for place, _ in places]
    if position not in genome:
        if outside == "raise":
            raise ValueError("outside the exons")
        if outside == "none":
            return None
        position = min(genome, key=lambda place: (abs(place - position), place))
    at = genome.index(position)
    return [at + shift, places[at][1]] if detail == "with_exon" else at + shift
