"""Proteins and peptides: masses, digestion, fragments, charge, hydropathy."""

from __future__ import annotations

import re
from random import Random
from typing import Literal

from taskkit.code.draw import PROTEIN, dna, planted
from taskkit.code.family import Arguments, family

MONO = {
    **{"G": 57.02146, "A": 71.03711, "S": 87.03203, "P": 97.05276, "V": 99.06841, "T": 101.04768},
    **{"C": 103.00919, "L": 113.08406, "I": 113.08406, "N": 114.04293, "D": 115.02694},
    **{"Q": 128.05858, "K": 128.09496, "E": 129.04259, "M": 131.04049, "H": 137.05891},
    **{"F": 147.06841, "R": 156.10111, "Y": 163.06333, "W": 186.07931},
}
WATER = 18.01056
PROTON = 1.00728
HYDROPATHY = {
    **{"A": 1.8, "R": -4.5, "N": -3.5, "D": -3.5, "C": 2.5, "Q": -3.5, "E": -3.5, "G": -0.4},
    **{"H": -3.2, "I": 4.5, "L": 3.8, "K": -3.9, "M": 1.9, "F": 2.8, "P": -1.6, "S": -0.8},
    **{"T": -0.7, "W": -0.9, "Y": -1.3, "V": 4.2},
}
CHARGES = {
    "K": (10.5, 1),
    "R": (12.5, 1),
    "H": (6.0, 1),
    "D": (3.66, -1),
    "E": (4.26, -1),
    "C": (8.28, -1),
    "Y": (10.12, -1),
}


def _peptide(chance: Random) -> Arguments:
    text = planted(chance, 1, 10, ["K", "M", "C", "ST", "Q", "X"], PROTEIN)
    return [text, chance.randint(1, 3)]


@family(_peptide, edges=[["G", 1], ["GX", 1], ["MCK", 2], ["", 1], ["SAMPLER", 2]], compare="float")
def peptide_mass(
    peptide: str,
    charge: int,
    *,
    value: Literal["neutral", "mz"],
    cysteine: Literal["free", "carbamidomethyl"],
    oxidation: Literal["none", "all_methionine", "first_methionine"],
    terminus: Literal["free_end", "amide"],
    unknown: Literal["raise", "average"],
) -> float:
    """The monoisotopic mass of a peptide."""
    total = WATER
    oxidised = False
    for residue in peptide:
        if residue not in MONO:
            if unknown == "raise":
                raise ValueError("an unknown residue")
            total += 110.0
            continue
        total += MONO[residue]
        if residue == "C" and cysteine == "carbamidomethyl":
            total += 57.02146
        if residue == "M" and oxidation != "none":
            if oxidation == "all_methionine" or not oxidised:
                total += 15.99491
            oxidised = True
    if terminus == "amide":
        total -= 0.98402
    return (total + charge * PROTON) / charge if value == "mz" else total


def _protein(chance: Random) -> Arguments:
    return [planted(chance, 0, 24, ["K", "R", "KP", "RP", "KK", "RK", "MF", "DE"], PROTEIN)]


@family(_protein, edges=[[""], ["K"], ["KK"], ["AKP"], ["AKGRPK"], ["MKWVTFR"], ["GGGG"], ["FKDE"]])
def digest_protein(
    protein: str,
    *,
    enzyme: Literal["trypsin", "trypsin_strict", "lys_c", "asp_n"],
    missed: Literal["none", "one", "two"],
    length: Literal["any_length", "three_up"],
    report: Literal["peptides", "distinct", "positions"],
) -> list[object]:
    """The peptides that an enzyme cuts a protein into."""
    cuts = [0]
    for at in range(1, len(protein)):
        left, right = protein[at - 1], protein[at]
        if enzyme == "trypsin":
            here = left in "KR" and right != "P"
        elif enzyme == "trypsin_strict":
            here = left in "KR"
        elif enzyme == "lys_c":
            here = left == "K"
        else:
            here = right == "D"
        if here:
            cuts.append(at)
    cuts.append(len(protein))
    most = 0 if missed == "none" else 1 if missed == "one" else 2
    found: list[tuple[int, int]] = []
    for i in range(len(cuts) - 1):
        for j in range(i + 1, min(i + 2 + most, len(cuts))):
            if cuts[j] - cuts[i] >= (3 if length == "three_up" else 1):
                found.append((cuts[i], cuts[j]))
    if report == "positions":
        return [[start + 1, end] for start, end in found]
    peptides = [protein[start:end] for start, end in found]
    if report == "distinct":
        peptides = sorted(set(peptides), key=lambda one: (len(one), one))
    return list(peptides)


def _short(chance: Random) -> Arguments:
    return [
        planted(chance, 1, 7, ["K", "S", "DE", "RN"], PROTEIN),
        chance.choice([150.0, 300.0, 500.0]),
    ]


@family(
    _short, edges=[["G", 100.0], ["GA", 100.0], ["PEK", 300.0], ["SEN", 150.0]], compare="float"
)
def fragment_ions(
    peptide: str,
    limit: float,
    *,
    series: Literal["b", "y", "a", "both"],
    charge: Literal["single", "double"],
    losses: Literal["no_losses", "water", "ammonia"],
    order: Literal["by_length", "by_mass"],
    bound: Literal["all_ions", "below_limit"],
) -> list[float]:
    """The masses of a peptide's fragments."""
    made: list[float] = []
    for cut in range(1, len(peptide)):
        ions: list[tuple[float, str]] = []
        front = sum(MONO[residue] for residue in peptide[:cut])
        back = sum(MONO[residue] for residue in peptide[-cut:])
        if series in ("b", "both"):
            ions.append((front, peptide[:cut]))
        if series == "a":
            ions.append((front - 27.99491, peptide[:cut]))
        if series in ("y", "both"):
            ions.append((back + WATER, peptide[-cut:]))
        for mass, part in ions:
            masses = [mass]
            if losses == "water" and any(residue in "STED" for residue in part):
                masses.append(mass - WATER)
            if losses == "ammonia" and any(residue in "RKNQ" for residue in part):
                masses.append(mass - 17.02655)
            for one in masses:
                made.append((one + 2 * PROTON) / 2 if charge == "double" else one + PROTON)
    if bound == "below_limit":
        made = [one for one in made if one < limit]
    return sorted(made) if order == "by_mass" else made


def _chain(chance: Random) -> Arguments:
    return [
        planted(chance, 0, 14, ["LLV", "DEK", "IVA", "RRN", "X"], PROTEIN),
        chance.randint(1, 5),
    ]


@family(_chain, edges=[["", 3], ["A", 1], ["AX", 2], ["LLLDDD", 3], ["IVKX", 5]], compare="float")
def hydropathy_profile(
    protein: str,
    window: int,
    *,
    weights: Literal["flat", "triangular"],
    unknown: Literal["zero", "skipped_windows", "removed"],
    ends: Literal["whole_windows", "cut_windows"],
    report: Literal["profile", "peak", "segments"],
) -> object:
    """Kyte and Doolittle's hydropathy along a protein."""
    if unknown == "removed":
        protein = "".join(residue for residue in protein if residue in HYDROPATHY)
    half = window // 2
    values: list[float | None] = []
    for centre in range(len(protein)):
        low, high = centre - half, centre - half + window
        if ends == "whole_windows" and (low < 0 or high > len(protein)):
            continue
        total = weight = 0.0
        known = True
        for at in range(max(0, low), min(len(protein), high)):
            if protein[at] not in HYDROPATHY and unknown == "skipped_windows":
                known = False
            share = half + 1 - abs(at - centre) if weights == "triangular" else 1.0
            total += share * HYDROPATHY.get(protein[at], 0.0)
            weight += share
        values.append(total / weight if known else None)
    if report == "profile":
        return values
    known_values = [value for value in values if value is not None]
    if report == "peak":
        return max(known_values) if known_values else None
    found: list[list[int]] = []
    for at, value in enumerate(values):
        if value is not None and value > 1.617:
            if found and found[-1][1] == at - 1:
                found[-1][1] = at
            else:
                found.append([at, at])
    return found


def _charged(chance: Random) -> Arguments:
    return [
        planted(chance, 0, 12, ["K", "D", "H", "C", "R", "E", "Y"], PROTEIN),
        float(chance.choice([2, 4, 6, 7, 7.4, 9, 11])),
    ]


@family(
    _charged,
    edges=[["", 7.0], ["G", 7.0], ["K", 7.0], ["D", 3.66], ["HCY", 8.0], ["KKKK", 12.0]],
    compare="float",
)
def net_charge(
    protein: str,
    ph: float,
    *,
    termini: Literal["with_termini", "without_termini"],
    cysteine: Literal["acidic", "bridged"],
    histidine: Literal["titrated", "neutral"],
    report: Literal["charge", "isoelectric", "counts"],
    rounding: Literal["two_decimals", "one_decimal"],
) -> object:
    """The net charge of a protein."""
    groups = []
    if termini == "with_termini":
        groups = [(9.6, 1), (2.34, -1)]
    for residue in protein:
        if residue not in CHARGES:
            continue
        if residue == "C" and cysteine == "bridged":
            continue
        if residue == "H" and histidine == "neutral":
            continue
        groups.append(CHARGES[residue])

    def charge(at: float) -> float:
        return sum(sign / (1 + 10 ** (sign * (at - pka))) for pka, sign in groups)

    if report == "counts":
        return [
            sum(sign > 0 and ph < pka for pka, sign in groups),
            sum(sign < 0 and ph > pka for pka, sign in groups),
        ]
    places = 1 if rounding == "one_decimal" else 2
    if report == "charge":
        return round(charge(ph), places) + 0.0
    if not any(sign > 0 for _, sign in groups) or not any(sign < 0 for _, sign in groups):
        return None
    low, high = 0.0, 14.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if charge(middle) > 0 else (low, middle)
    return round(low, places)


def _motifs(chance: Random) -> Arguments:
    return [planted(chance, 0, 24, ["NGS", "NPT", "NAT", "NNTS", "SNG", "NCT"], PROTEIN)]


@family(_motifs, edges=[[""], ["NGS"], ["NPS"], ["NNTS"], ["NGSP"], ["NGC"], ["NG"], ["NNNTTT"]])
def glycosylation_sites(
    protein: str,
    *,
    motif: Literal["n_glyc", "n_glyc_no_proline_after", "with_cysteine"],
    overlaps: Literal["all_sites", "apart"],
    base: Literal["zero", "one"],
    report: Literal["positions", "motifs", "density", "spacing"],
) -> object:
    """Where a protein can be N-glycosylated."""
    last = "STC" if motif == "with_cysteine" else "ST"
    found: list[int] = []
    for at in range(len(protein) - 2):
        if protein[at] != "N" or protein[at + 1] == "P" or protein[at + 2] not in last:
            continue
        if motif == "n_glyc_no_proline_after" and protein[at + 3 : at + 4] == "P":
            continue
        if overlaps == "apart" and found and at < found[-1] + 3:
            continue
        found.append(at)
    if report == "motifs":
        return [protein[at : at + 3] for at in found]
    if report == "density":
        return [len(found), protein.count("N")]
    if report == "spacing":
        return [other - one for one, other in zip(found, found[1:], strict=False)]
    return [at + 1 if base == "one" else at for at in found]


def _spectra(chance: Random) -> Arguments:
    peaks = [
        [round(chance.uniform(100, 400), 2), chance.choice([5, 20, 100])]
        for _ in range(chance.randint(0, 7))
    ]
    wanted = [round(one[0] + chance.choice([0, 0.01, 0.3, -0.04, 1.0]), 2) for one in peaks]
    wanted += [round(chance.uniform(100, 400), 2) for _ in range(chance.randint(0, 2))]
    return [peaks, sorted(wanted), chance.choice([0.02, 0.5, 100.0])]


@family(
    _spectra,
    edges=[
        [[], [], 0.5],
        [[[100.0, 5]], [100.25], 0.5],
        [[[100.0, 5]], [100.5], 0.5],
        [[[100.0, 5], [100.2, 20]], [100.1], 0.5],
        [[[200.0, 5]], [200.01, 200.02], 100.0],
    ],
    compare="float",
)
def match_peaks(
    peaks: list[list[float]],
    theoretical: list[float],
    tolerance: float,
    *,
    unit: Literal["dalton", "ppm"],
    choice: Literal["nearest", "most_intense"],
    reuse: Literal["many_times", "once"],
    report: Literal["pairs", "count", "intensity"],
) -> object:
    """Theoretical masses found among the peaks of a spectrum."""
    used: set[int] = set()
    pairs: list[list[float]] = []
    total = 0.0
    for mass in theoretical:
        width = tolerance * mass / 1e6 if unit == "ppm" else tolerance
        near = [at for at, peak in enumerate(peaks) if abs(peak[0] - mass) <= width + 1e-9]
        if reuse == "once":
            near = [at for at in near if at not in used]
        if not near:
            continue
        if choice == "nearest":
            best = min(near, key=lambda at: (round(abs(peaks[at][0] - mass), 6), at))
        else:
            best = min(near, key=lambda at: (-peaks[at][1], at))
        used.add(best)
        pairs.append([mass, peaks[best][0]])
        total += peaks[best][1]
    if report == "pairs":
        return pairs
    if report == "count":
        return len(pairs)
    whole = sum(peak[1] for peak in peaks)
    return total / whole if whole else 0.0


def _regions(chance: Random) -> Arguments:
    return [
        "".join(
            dna(chance, 1, 4, chance.choice(["PESK", "AG", "LIVF", "DE", "QN"]))
            for _ in range(chance.randint(0, 6))
        ),
        chance.randint(2, 5),
    ]


@family(
    _regions,
    edges=[["", 2], ["AAAA", 2], ["PPAAPP", 2], ["PESK", 3], ["QQNNQ", 5]],
    compare="float",
)
def biased_regions(
    protein: str,
    least: int,
    *,
    letters: Literal["disorder", "charged", "single"],
    gap: Literal["strict", "one_gap"],
    report: Literal["spans", "texts", "share"],
    base: Literal["zero", "one"],
) -> object:
    """Stretches of a protein that are made of few kinds of residues."""
    if letters == "single":
        pattern = r"(.)\1*(?:.\1+)*" if gap == "one_gap" else r"(.)\1*"
    else:
        kinds = "PESKQ" if letters == "disorder" else "DEKR"
        pattern = f"[{kinds}]+(?:.[{kinds}]+)*" if gap == "one_gap" else f"[{kinds}]+"
    found = [hit for hit in re.finditer(pattern, protein) if hit.end() - hit.start() >= least]
    if report == "texts":
        return [hit.group() for hit in found]
    if report == "share":
        return sum(hit.end() - hit.start() for hit in found) / len(protein) if protein else 0.0
    shift = 1 if base == "one" else 0
    return [[hit.start() + shift, hit.end()] for hit in found]
