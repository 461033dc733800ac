"""Record formats of sequences and reads: FASTA, FASTQ, SAM, PDB, GenBank."""

from __future__ import annotations

import math
import re
from random import Random
from typing import Any, Literal

from taskkit.code.draw import dna
from taskkit.code.family import Arguments, family

FLAGS = ("paired", "proper", "unmapped", "mate_unmapped", "reverse", "mate_reverse", "first",
         "second", "secondary", "failed", "duplicate", "supplementary")  # fmt: skip
OTHERS = dict(zip("ACGTN", "TGCAN", strict=True))


def _fasta(chance: Random) -> Arguments:
    lines = [""] * chance.choice([0, 0, 1])
    for _ in range(chance.randint(0, 4)):
        name = chance.choice(["s1", "s2", "chrX", "sp|P1|A"])
        lines.append(f">{name}{chance.choice(['', ' human gene', ' x'])}")
        for _ in range(chance.choice([0, 1, 1, 2, 3])):
            lines.append(dna(chance, 1, 8, "ACGTacgt-*"))
        lines += [""] * chance.choice([0, 0, 0, 1])
    return [chance.choice(["\n", "\n", "\r\n"]).join(lines)]


@family(_fasta, edges=[[""], [">a"], [">a\n"], [">a b\nAC\nGT\n>a\nTT\n"], [">a\n\n>b\nA"],
                       [">a\nac-gt*\n"]])  # fmt: skip
def parse_fasta(
    text: str,
    *,
    name: Literal["word", "line"],
    repeated: Literal["first", "last", "joined", "raise"],
    case: Literal["kept", "upper"],
    marks: Literal["kept", "dropped"],
    empty: Literal["kept", "dropped"],
) -> dict[str, str]:
    """The records of a FASTA text."""
    records: list[list[str]] = []
    for line in text.splitlines():
        line = line.strip()
        if line.startswith(">"):
            header = line[1:].strip()
            records.append([header.split()[0] if name == "word" else header, ""])
        elif line and records:
            records[-1][1] += line
    made: dict[str, str] = {}
    for key, sequence in records:
        if case == "upper":
            sequence = sequence.upper()
        if marks == "dropped":
            sequence = sequence.replace("-", "").replace("*", "")
        if empty == "dropped" and not sequence:
            continue
        if key in made:
            if repeated == "raise":
                raise ValueError("a name stands twice")
            if repeated == "first":
                continue
            if repeated == "joined":
                sequence = made[key] + sequence
        made[key] = sequence
    return made


def _written(chance: Random) -> Arguments:
    names = ["b", "a", "c 1", "d"]
    records = [[chance.choice(names), dna(chance, 0, 25, "ACGTacgtN")]
               for _ in range(chance.randint(0, 4))]  # fmt: skip
    return [records, chance.choice([0, 3, 5, 10])]


@family(_written, edges=[[[], 5], [[["a", ""]], 5], [[["a", "ACGTA"]], 5], [[["a", "ACGTAC"]], 5],
                         [[["b", "AC"], ["a", "ACG"], ["b", "T"]], 0]], compare="lines")  # fmt: skip
def write_fasta(
    records: list[list[str]],
    width: int,
    *,
    order: Literal["given", "name", "longest"],
    header: Literal["name", "length", "number"],
    masking: Literal["kept", "upper", "hard"],
    empty: Literal["kept", "dropped"],
) -> str:
    """Records as a FASTA text."""
    chosen = [one for one in records if one[1]] if empty == "dropped" else list(records)
    if order == "name":
        chosen.sort(key=lambda one: one[0])
    elif order == "longest":
        chosen.sort(key=lambda one: -len(one[1]))
    lines = []
    for number, (name, sequence) in enumerate(chosen, 1):
        if header == "length":
            lines.append(f">{name} length={len(sequence)}")
        elif header == "number":
            lines.append(f">{number}_{name}")
        else:
            lines.append(f">{name}")
        if masking == "upper":
            sequence = sequence.upper()
        elif masking == "hard":
            sequence = "".join("N" if letter.islower() else letter for letter in sequence)
        step = width or max(1, len(sequence))
        lines += [sequence[at : at + step] for at in range(0, len(sequence), step)]
    return "\n".join(lines) + "\n" if lines else ""


def _fastq(chance: Random) -> Arguments:
    lines = []
    for number in range(chance.randint(0, 5)):
        bases = dna(chance, 1, 8, "ACGTN")
        quality = "".join(chr(33 + chance.choice([2, 15, 20, 30, 40, 64])) for _ in bases)
        lines += [f"@r{number} {chance.choice(['1:N:0', '2:Y:0', '1:Y:0'])}", bases, "+", quality]
    return ["\n".join(lines) + ("\n" if lines else ""), chance.choice([10, 15, 20, 30])]


@family(_fastq, edges=[["", 20], ["@a 1:N:0\nA\n+\n5\n", 20], ["@a 1:Y:0\nAN\n+\n5?\n", 20]],
        compare="float")  # fmt: skip
def filter_reads(
    fastq: str,
    least: int,
    *,
    average: Literal["mean", "error", "lowest", "median"],
    unknown: Literal["allowed", "refused"],
    failed: Literal["allowed", "refused"],
    report: Literal["names", "kept_share", "qualities"],
) -> object:
    """The reads of a FASTQ text whose quality suffices."""
    lines = fastq.splitlines()
    kept: list[list[Any]] = []
    total = 0
    for at in range(0, len(lines) - 3, 4):
        total += 1
        name, _, rest = lines[at][1:].partition(" ")
        scores = sorted(ord(letter) - 33 for letter in lines[at + 3])
        if unknown == "refused" and "N" in lines[at + 1]:
            continue
        if failed == "refused" and rest.split(":")[1] == "Y":
            continue
        if average == "mean":
            quality = sum(scores) / len(scores)
        elif average == "lowest":
            quality = float(scores[0])
        elif average == "median":
            middle = len(scores) // 2
            quality = (scores[middle] + scores[-middle - 1]) / 2
        else:
            error = sum(10 ** (-score / 10) for score in scores) / len(scores)
            quality = -10 * math.log10(error)
        if quality >= least - 1e-9:
            kept.append([name, quality])
    if report == "names":
        return [one[0] for one in kept]
    if report == "qualities":
        return [one[1] for one in kept]
    return len(kept) / total if total else 0.0


def _quality(chance: Random) -> Arguments:
    bases = dna(chance, 0, 14)
    scores = [chance.choice([2, 2, 10, 20, 25, 30, 40]) for _ in bases]
    return [bases, scores, chance.choice([10, 20, 25]), chance.randint(1, 4)]


@family(_quality, edges=[["", [], 20, 1], ["A", [2], 20, 1], ["A", [20], 20, 2],
                         ["ACG", [2, 40, 2], 20, 1], ["ACGT", [40, 2, 2, 40], 20, 2]])  # fmt: skip
def trim_read(
    bases: str,
    scores: list[int],
    least: int,
    window: int,
    *,
    method: Literal["ends", "window", "best_sum"],
    side: Literal["both", "tail"],
    short: Literal["kept", "dropped"],
    report: Literal["bases", "range"],
) -> object:
    """A read without its bad ends."""
    start, end = 0, len(bases)
    if method == "ends":
        while end > 0 and scores[end - 1] < least:
            end -= 1
        while side == "both" and start < end and scores[start] < least:
            start += 1
    elif method == "window":
        if side == "both":
            while start + window <= end and sum(scores[start : start + window]) < least * window:
                start += 1
        for at in range(start, len(bases) - window + 1):
            if sum(scores[at : at + window]) < least * window:
                end = at
                break
    else:
        best = 0
        end = 0
        for one in range(len(bases) if side == "both" else min(1, len(bases))):
            total = 0
            for at in range(one, len(bases)):
                total += scores[at] - least
                if total > best:
                    best, start, end = total, one, at + 1
    if short == "dropped" and end - start < 3:
        start = end = 0
    if report == "range":
        return [start, end]
    return bases[start:end]


def _sam(chance: Random) -> Arguments:
    lines = ["@SQ\tSN:c1\tLN:90"] * chance.randint(0, 1)
    for number in range(chance.randint(0, 6)):
        flag = sum(1 << bit for bit in range(12) if chance.random() < 0.18)
        cigar = chance.choice(["8M", "3M2D5M", "2S6M", "4M1I3M", "3M5N2M", "*"])
        lines.append(f"r{number % 4}\t{flag}\t{chance.choice(['c1', 'c1', 'c2'])}\t"
                     f"{chance.randint(1, 40)}\t{chance.choice([0, 9, 10, 20, 60])}\t{cigar}")  # fmt: skip
    return ["\n".join(lines), chance.choice([0, 10, 20])]


@family(_sam, edges=[["", 0], ["r\t4\t*\t0\t0\t*", 0], ["r\t16\tc1\t5\t10\t3M2D5M", 10],
                     ["@HD\tVN:1.6", 0]])  # fmt: skip
def select_alignments(
    sam: str,
    least: int,
    *,
    secondary: Literal["all", "primary"],
    duplicates: Literal["kept", "dropped"],
    strand: Literal["either", "forward", "reverse"],
    report: Literal["names", "spans", "per_reference"],
    base: Literal["one", "zero"],
) -> object:
    """The alignments of a SAM text that pass a filter."""
    names: list[str] = []
    spans: list[list[object]] = []
    counts: dict[str, int] = {}
    for line in sam.splitlines():
        if line.startswith("@"):
            continue
        name, flag_text, reference, position, quality, cigar = line.split("\t")[:6]
        flag = int(flag_text)
        if flag & 4 or cigar == "*" or int(quality) < least:
            continue
        if secondary == "primary" and flag & (256 | 2048):
            continue
        if duplicates == "dropped" and flag & 1024:
            continue
        if strand == "forward" and flag & 16:
            continue
        if strand == "reverse" and not flag & 16:
            continue
        length = sum(int(size) for size, kind in re.findall(r"(\d+)([MIDNSHP=X])", cigar)
                     if kind in "MDN=X")  # fmt: skip
        first = int(position)
        names.append(name)
        if base == "one":
            spans.append([reference, first, first + length - 1])
        else:
            spans.append([reference, first - 1, first - 1 + length])
        counts[reference] = counts.get(reference, 0) + 1
    if report == "names":
        return names
    return counts if report == "per_reference" else spans


def _flag(chance: Random) -> Arguments:
    return [[sum(1 << bit for bit in range(12) if chance.random() < 0.3)
             for _ in range(chance.randint(0, 5))]]  # fmt: skip


@family(_flag, edges=[[[]], [[0]], [[4095]], [[99, 147]], [[4]], [[1 << 11]], [[73, 133]]])
def flag_summary(
    flags: list[int],
    *,
    counting: Literal["all", "primary", "passing"],
    pairs: Literal["any", "mapped_pairs"],
    report: Literal["counts", "letters", "orientations"],
) -> object:
    """What the flags of SAM records say."""
    counts = dict.fromkeys(FLAGS, 0)
    letters: list[str] = []
    orientations: list[str] = []
    for flag in flags:
        if counting == "primary" and flag & (256 | 2048):
            continue
        if counting == "passing" and flag & (512 | 1024):
            continue
        if pairs == "mapped_pairs" and (not flag & 1 or flag & (4 | 8)):
            continue
        for bit, name in enumerate(FLAGS):
            counts[name] += flag >> bit & 1
        text = ("p" if flag & 1 else "") + ("P" if flag & 2 else "") + ("u" if flag & 4 else "")
        text += ("U" if flag & 8 else "") + ("r" if flag & 16 else "") + ("R" if flag & 32 else "")
        letters.append(text)
        one = "R" if flag & 16 else "F"
        other = "R" if flag & 32 else "F"
        orientations.append(one + other if flag & 1 else one)
    if report == "counts":
        return {name: count for name, count in counts.items() if count}
    return letters if report == "letters" else orientations


def _pdb(chance: Random) -> Arguments:
    lines = ["HEADER    TEST"]
    serial = 0
    for chain in "AB"[: chance.randint(1, 2)]:
        for number in range(chance.randint(0, 4)):
            for atom in ("N", "CA", "CB")[: chance.randint(1, 3)]:
                for other in chance.choice([" ", " ", "AB"]):
                    serial += 1
                    x, y, z = (round(chance.uniform(-20, 20), 1) for _ in range(3))
                    kind = "HETATM" if chance.random() < 0.15 else "ATOM"
                    lines.append(
                        f"{kind:<6}{serial:>5} {' ' + atom:<4}{other}GLY {chain}{number + 1:>4}    "
                        f"{x:>8.3f}{y:>8.3f}{z:>8.3f}{1.0:>6.2f}{chance.choice([5, 20, 50]):>6.2f}"
                    )
    if chance.random() < 0.2:
        lines.append("ENDMDL")
        lines.append(f"ATOM  {serial + 1:>5}  CA  GLY A   9    {1:>8.3f}{1:>8.3f}{1:>8.3f}  1.00 10.00")
    return ["\n".join(lines), chance.choice(["A", "B"])]


@family(_pdb, edges=[["", "A"], ["ATOM      1  CA  GLY A   1       0.000   0.000   0.000  1.00  5.00",
                                 "A"]], compare="float")  # fmt: skip
def structure_atoms(
    pdb: str,
    chain: str,
    *,
    atoms: Literal["alpha", "all_atoms"],
    hetero: Literal["without_hetero", "with_hetero"],
    alternate: Literal["first_only", "both_places"],
    models: Literal["first_model", "all_models"],
    report: Literal["centre", "radius", "span", "mean_b"],
) -> object:
    """A measure of the atoms of a chain of a PDB text."""
    places: list[tuple[float, ...]] = []
    factors: list[float] = []
    for line in pdb.splitlines():
        if models == "first_model" and line.startswith("ENDMDL"):
            break
        if not line.startswith(("ATOM", "HETATM") if hetero == "with_hetero" else "ATOM"):
            continue
        if line[21] != chain or (atoms == "alpha" and line[12:16].strip() != "CA"):
            continue
        if alternate == "first_only" and line[16] not in " A":
            continue
        places.append((float(line[30:38]), float(line[38:46]), float(line[46:54])))
        factors.append(float(line[60:66]))
    if not places:
        return None
    size = len(places)
    if report == "mean_b":
        return sum(factors) / size
    if report == "span":
        return max(math.dist(one, other) for one in places for other in places)
    centre = [sum(place[axis] for place in places) / size for axis in range(3)]
    if report == "centre":
        return centre
    return math.sqrt(sum(math.dist(place, centre) ** 2 for place in places) / size)


def _location(chance: Random) -> Arguments:
    sequence = dna(chance, 20, 30)
    parts = []
    at = 1
    for _ in range(chance.randint(1, 3)):
        first = at + chance.randint(0, 3)
        last = min(20, first + chance.randint(0, 4))
        if first > 20:
            break
        text = f"{first}..{last}" if last > first else str(first)
        if chance.random() < 0.15 and last > first:
            text = f"<{first}..>{last}"
        parts.append(f"complement({text})" if chance.random() < 0.3 else text)
        at = last + 1
    whole = parts[0] if len(parts) == 1 else f"join({','.join(parts)})"
    return [f"complement({whole})" if chance.random() < 0.3 and "comp" not in whole else whole,
            sequence]  # fmt: skip


@family(_location, edges=[["1", "ACGT"], ["1..4", "ACGT"], ["complement(2..3)", "ACGT"],
                          ["join(1..2,complement(3..4))", "AACC"],
                          ["complement(join(1..2,4..4))", "AACG"], ["<1..>3", "ACGT"]])  # fmt: skip
def feature_location(
    location: str,
    sequence: str,
    *,
    report: Literal["sequence", "exons", "introns", "length"],
    fuzzy: Literal["accepted", "raise"],
    base: Literal["one", "zero"],
    product: Literal["dna", "rna"],
) -> object:
    """What a GenBank feature location points to."""
    if fuzzy == "raise" and ("<" in location or ">" in location):
        raise ValueError("an end is not known")
    text = location.replace("<", "").replace(">", "")
    reverse = text.startswith("complement(join(")
    pieces = []
    for minus, first, last in re.findall(r"(complement\()?(\d+)(?:\.\.(\d+))?", text):
        pieces.append((int(first), int(last or first), bool(minus)))
    if reverse or text.startswith("complement("):
        pieces = [(first, last, True) for first, last, _ in reversed(pieces)]
    if report == "length":
        return sum(last - first + 1 for first, last, _ in pieces)
    shift = 1 if base == "zero" else 0
    if report == "exons":
        return [[first - shift, last, "-" if minus else "+"] for first, last, minus in pieces]
    if report == "introns":
        ordered = sorted(pieces)
        gaps = zip(ordered, ordered[1:], strict=False)
        return [[one[1] + 1 - shift, other[0] - 1] for one, other in gaps if other[0] > one[1] + 1]
    made = ""
    for first, last, minus in pieces:
        part = sequence[first - 1 : last]
        made += "".join(OTHERS[letter] for letter in reversed(part)) if minus else part
    return made.replace("T", "U") if product == "rna" else made
