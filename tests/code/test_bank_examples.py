"""Every reference gives what textbooks, formats and arithmetic by hand say."""

from __future__ import annotations

import math
from typing import Any

import pytest

from taskkit.code.choice import as_json
from taskkit.code.family import Variant, families
from taskkit.oracles.comparison import same

PDB = (
    "ATOM      1  N   GLY A   1       0.000   0.000   0.000  1.00 10.00\n"
    "ATOM      2  CA  GLY A   1       3.000   0.000   0.000  1.00 20.00\n"
    "ATOM      3  CA  GLY A   2       3.000   4.000   0.000  1.00 40.00\n"
    "ATOM      4  CA  GLY B   1       9.000   9.000   9.000  1.00 90.00\n"
)
VCF = (
    "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    "chr1\t10\t.\tA\tG\t50\tPASS\tDP=12\nchr1\t20\t.\tAT\tA\t9\tPASS\tDP=3\n"
    "chr2\t5\t.\tC\tT\t50\tq10\tDP=7\n"
)
SAM = "@SQ\tSN:c1\tLN:90\na\t0\tc1\t11\t60\t2S6M1D2M\nb\t16\tc1\t21\t60\t5M\nc\t4\t*\t0\t0\t*\n"
GFF = (
    "##gff-version 3\nchr1\ts\texon\t11\t20\t.\t+\t.\tID=e1;Parent=t1,t2\n"
    "chr1\ts\tgene\t1\t90\t.\t+\t.\tID=g\nchr1\ts\texon\t31\t40\t.\t+\t.\tID=e2;Parent=t1\n"
)
TREE = "((A:1,B:2)x:3,C:4);"
SIX = [[6, 1], [6, 1], [6, 1], [6, 0], [7, 1], [9, 0], [10, 1], [10, 0], [11, 0], [13, 1]]
"""The first times of the 6-MP arm of Freireich et al., Blood 21:699 (1963)."""

EXAMPLES: list[tuple[str, dict[str, str], list[Any], Any]] = [
    ("reverse_complement", {}, ["ACGTRN"], "NYACGT"),
    ("reverse_complement", {"product": "rna"}, ["GAT"], "AUC"),
    ("gc_content", {}, ["GATC"], 0.5),
    ("gc_content", {"scale": "percent"}, ["GGGA"], 75.0),
    ("gc_skew", {"windows": "adjacent"}, ["GGGCCC", 3], [1.0, -1.0]),
    ("motif_positions", {}, ["GAATTCGAATTC", "GAATTC"], [0, 6]),
    ("motif_positions", {"base": "one"}, ["GATATATGCATATACTT", "ATAT"], [2, 4, 10]),
    ("kmer_counts", {}, ["ACACG", 2], {"AC": 2, "CA": 1, "CG": 1}),
    ("frequent_words", {}, ["ACGTTGCATGTCGCATGATGCATGAGAGCT", 4, 2], ["CATG", "GCAT"]),
    ("homopolymer_runs", {}, ["AACCCG", 2], [["A", 0, 1], ["C", 2, 4]]),
    ("sequence_entropy", {}, ["ACGT", 1], 2.0),
    ("sequence_entropy", {"unit": "nats"}, ["AACC", 1], math.log(2)),
    ("translate", {}, ["ATGGCCATTGTAATGGGCCGCTGAAAGGGTGCCCGATAG"], "MAIVMGR*KGAR*"),
    ("translate", {"table": "mitochondrial"}, ["ATATGA"], "MW"),
    ("open_reading_frames", {}, ["CCATGAAATAGCC", 1], [[2, 11, "+"]]),
    ("open_reading_frames", {"strands": "both", "base": "one"}, ["CTATTTCAT", 2], [[1, 9, "-"]]),
    ("codon_usage", {}, ["CTGCTGTTA"], {"CTG": 2, "TTA": 1}),
    ("codon_usage", {"measure": "relative"}, ["AAAAAG"], {"AAA": 1.0, "AAG": 1.0}),
    ("restriction_fragments", {}, ["AAGAATTCTT", "GAATTC", 1], [3, 7]),
    ("restriction_fragments", {"shape": "circular"}, ["AAGAATTCTT", "GAATTC", 1], [10]),
    ("melting_temperature", {}, ["ACGTACGT", 0.05], 24.0),
    ("melting_temperature", {"rule": "gc"}, ["ACGTACGTACGTACGTACGT", 0.05], 51.78),
    ("hairpin_stems", {"report": "all"}, ["GCAAAGC", 2], [[0, 6]]),
    ("cpg_ratio", {}, ["CGCG", 4], [2.0]),
    ("parse_fasta", {}, [">a x\nAC\nGT\n>b\nTT\n"], {"a": "ACGT", "b": "TT"}),
    ("write_fasta", {}, [[["a", "ACGTA"]], 3], ">a\nACG\nTA\n"),
    ("filter_reads", {}, ["@r1 1:N:0\nAC\n+\nII\n@r2 1:N:0\nAC\n+\n##\n", 20], ["r1"]),
    ("filter_reads", {"average": "error", "report": "qualities"}, ["@r 1:N:0\nA\n+\n5\n", 9],
     [20.0]),
    ("trim_read", {}, ["ACGTA", [2, 30, 30, 30, 2], 20, 1], "CGT"),
    ("trim_read", {"method": "best_sum"}, ["ACGTA", [40, 2, 40, 40, 2], 20, 1], "ACGT"),
    ("select_alignments", {}, [SAM, 20], ["a", "b"]),
    ("select_alignments", {"report": "spans"}, [SAM, 20], [["c1", 11, 19], ["c1", 21, 25]]),
    ("flag_summary", {"report": "orientations"}, [[99, 147]], ["FR", "RF"]),
    ("flag_summary", {}, [[4]], {"unmapped": 1}),
    ("structure_atoms", {"report": "span"}, [PDB, "A"], 4.0),
    ("structure_atoms", {"atoms": "all_atoms", "report": "mean_b"}, [PDB, "A"], 70 / 3),
    ("feature_location", {}, ["join(1..2,5..6)", "ACGTTT"], "ACTT"),
    ("feature_location", {}, ["complement(1..3)", "ACGTTT"], "CGT"),
    ("merge_intervals", {}, [[["c", 1, 4, "+"], ["c", 3, 6, "-"]], 0], [["c", 1, 6]]),
    ("overlapping_features", {}, [[["c", 0, 5, "+"]], [["c", 4, 9, "-"], ["c", 5, 6, "+"]], 1],
     [[0, 0]]),
    ("depth_profile", {"report": "mean"}, [[[0, 2], [1, 3]], 4], 1.0),
    ("depth_profile", {}, [[[1, 3]], 4], [[0, 1, 0], [1, 3, 1], [3, 4, 0]]),
    ("interval_algebra", {}, [[[0, 10]], [[3, 5]]], [[0, 3], [5, 10]]),
    ("nearest_gene", {}, [10, [["a", 0, 5, "+"], ["b", 12, 20, "-"]]], ["b", 2]),
    ("nearest_gene", {"to": "start_site"}, [10, [["a", 0, 5, "+"], ["b", 12, 20, "-"]]], ["b", 9]),
    ("bin_signal", {}, [[[0, 1], [4, 2], [5, 5]], 5, 10], [3.0, 5.0]),
    ("transcript_position", {}, [[[1, 3], [7, 9]], "+", 7], 3),
    ("transcript_position", {}, [[[1, 3], [7, 9]], "-", 7], 2),
    ("alignment_score", {}, ["ACGT", "ACGT"], 8),
    ("alignment_score", {"kind": "local"}, ["TTACG", "ACGCC"], 6),
    ("alignment_score", {"gaps": "affine"}, ["AACC", "AA"], -1),
    ("edit_distance", {}, ["GATTACA", "GCATGCT"], 4.0),
    ("edit_distance", {"edits": "with_swaps"}, ["AC", "CA"], 1.0),
    ("percent_identity", {}, ["ACG-", "ACTT"], 50.0),
    ("percent_identity", {"denominator": "ungapped"}, ["ACG-", "ACTT"], 200 / 3),
    ("cigar_position", {}, ["3M2D3M", 100, 3], 105),
    ("cigar_position", {"of": "reference"}, ["3M2I3M", 100, 3], 5),
    ("cigar_summary", {}, ["2S3M10N4M", 100, 0], [[100, 103], [113, 117]]),
    ("cigar_summary", {"report": "collapsed"}, ["2=1X3="], "6M"),
    ("pileup", {}, ["ACG", [[0, "AC", 30, "+"], [1, "CG", 30, "-"]], 1], [1, 2, 1]),
    ("consensus", {}, [["ACGT", "ACGA", "TCGA"]], "ACGA"),
    ("consensus", {"tie": "ambiguity"}, [["A", "G"]], "R"),
    ("weight_matrix", {"report": "hits"}, [["AC", "AC"], "GACA"], [1]),
    ("weight_matrix", {}, [["A"], "CA"], [1, math.log2(0.4 / 0.25)]),
    ("shared_motif", {}, [["GATTACA", "TAGACCA", "ATACA"]], "AC"),
    ("minimizers", {"report": "words"}, ["ACGTA", 2, 2], ["AC", "CG", "GT"]),
    ("select_variants", {}, [VCF, 20.0], [["chr1", 10, "A", "G"], ["chr2", 5, "C", "T"]]),
    ("select_variants", {"filters": "pass_only", "report": "depth"}, [VCF, 20.0], 12),
    ("allele_frequency", {}, [["0/0", "0/1", "1/1", "./."]], 0.5),
    ("transition_ratio", {}, [[["A", "G", 1], ["C", "T", 1], ["A", "C", 1]]], 2.0),
    ("normalise_variant", {}, ["GGGCACACACAGGG", 8, "CAC", "C"], [3, "GCA", "G"]),
    ("variant_effect", {}, ["ATGTGGTAA", 6, "G", "A"], "nonsense"),
    ("variant_effect", {"report": "change"}, ["ATGTTATAA", 6, "A", "G"], "L2="),
    ("mendelian_errors", {}, [[["0/0", "0/0", "0/1"], ["0/1", "0/1", "1/1"]]], [0]),
    ("genotype_concordance", {}, [{"a": "0/1", "b": "0/0"}, {"a": "1/0", "b": "0/1"}], 0.5),
    ("genotype_likelihood", {}, [[["R", 30], ["A", 30]], 0.1], "0/1"),
    ("tree_measure", {}, [TREE], 5.0),
    ("tree_measure", {"measure": "total_length"}, [TREE], 10.0),
    ("tree_measure", {"measure": "sackin", "lengths": "edges"}, [TREE], 5.0),
    ("leaf_relation", {}, [TREE, "A", "C"], 8.0),
    ("leaf_relation", {"report": "clade"}, [TREE, "A", "B"], ["A", "B"]),
    ("rewrite_tree", {}, [TREE], "(B:5,C:4);"),
    ("tree_distance", {}, ["((A,B),(C,D));", "((A,C),(B,D));"], 2),
    ("evolutionary_distance", {"model": "jukes_cantor"}, ["A" * 10, "C" + "A" * 9], 0.107326),
    ("evolutionary_distance", {"model": "kimura"}, ["A" * 10, "G" + "A" * 9], 0.111572),
    ("cluster_tree", {}, [["A", "B", "C"], [[0, 2, 6], [2, 0, 6], [6, 6, 0]]],
     "((A:1,B:1):2,C:3);"),
    ("parsimony_score", {}, ["((A,B),(C,D));", {"A": "AAA", "B": "CAA", "C": "CAA", "D": "AAA"}],
     2.0),
    ("hardy_weinberg", {}, [[1469, 138, 5]], 0.8309),
    ("hardy_weinberg", {"report": "expected"}, [[25, 50, 25]], [25.0, 50.0, 25.0]),
    ("linkage_disequilibrium", {}, [["00", "11", "00", "11"]], 0.25),
    ("linkage_disequilibrium", {"measure": "r_squared"}, [["00", "11", "01", "10"]], 0.0),
    ("nucleotide_diversity", {}, [["AC", "AC", "AG"]], 1 / 3),
    ("fixation_index", {}, [[[0, 5], [5, 5]]], 1.0),
    ("frequency_spectrum", {}, [["0001", "0011", "0001"], 4], [0, 2, 1, 0, 0]),
    ("pedigree_kinship", {},
     [[["a", "0", "0"], ["b", "0", "0"], ["c", "a", "b"], ["d", "a", "b"]], "c", "d"],
     0.25),
    ("haplotype_homozygosity", {}, [["01", "01", "11"], 1], [1.0, 1 / 3]),
    ("peptide_mass", {}, ["GG", 1], 132.05348),
    ("peptide_mass", {"value": "mz"}, ["PEPTIDE", 2], 400.68726),
    ("digest_protein", {}, ["MAKRPDK"], ["MAK", "RPDK"]),
    ("fragment_ions", {}, ["GA", 100.0], [58.02874]),
    ("fragment_ions", {"series": "y"}, ["GA", 100.0], [90.05495]),
    ("hydropathy_profile", {}, ["AIV", 3], [3.5]),
    ("net_charge", {"termini": "without_termini"}, ["K", 10.5], 0.5),
    ("net_charge", {"report": "isoelectric"}, ["G", 7.0], 5.97),
    ("glycosylation_sites", {}, ["ANGSNPTNAT"], [1, 7]),
    ("match_peaks", {}, [[[100.0, 5], [200.0, 9]], [100.2, 150.0], 0.5], [[100.2, 100.0]]),
    ("biased_regions", {}, ["AAPESKAA", 3], [[2, 6]]),
    ("kaplan_meier", {}, [SIX, 7],
     [[6, 0.7], [7, 0.7 * 5 / 6], [10, 0.7 * 5 / 6 * 3 / 4], [13, 0.0]]),
    ("kaplan_meier", {"report": "median"}, [[[1, 1], [2, 1], [3, 1]], 0], 2),
    ("log_rank", {"report": "observed_expected"}, [[[1, 1]], [[2, 1]]], [1.0, 0.5]),
    ("discrimination", {}, [[0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1], 0.5], 0.75),
    ("adjust_p_values", {"method": "benjamini_hochberg"}, [[0.01, 0.04, 0.03, 0.005], 0.05],
     [0.02, 0.04, 0.04, 0.02]),
    ("adjust_p_values", {"method": "holm"}, [[0.01, 0.04, 0.03, 0.005], 0.05],
     [0.03, 0.06, 0.06, 0.02]),
    ("association", {}, [[10, 20, 5, 40]], 4.0),
    ("association", {"measure": "fisher"}, [[3, 1, 1, 3]], 34 / 70),
    ("rank_sum", {}, [[1.0, 2.0], [3.0, 4.0]], 0.0),
    ("parse_gff", {}, [GFF, "exon"], [["chr1", 11, 20, "+"], ["chr1", 31, 40, "+"]]),
    ("parse_gff", {"report": "by_parent"}, [GFF, "exon"],
     {"t1": [[11, 20], [31, 40]], "t2": [[11, 20]]}),
    ("normalise_expression", {}, [[10, 90], [100, 100]], [1e5, 9e5]),
    ("normalise_expression", {"unit": "tpm"}, [[10, 10], [100, 1000]], [1e7 / 11, 1e6 / 11]),
    ("fold_change", {}, [[4.0, 4.0], [1.0, 1.0]], 2.0),
    ("gene_set_enrichment", {}, [["a", "b"], ["a", "b"], ["a", "b", "c", "d"]], 1 / 6),
    ("assembly_statistics", {}, [["A" * 8, "A" * 4, "A" * 2, "AA"], 20], 8),
    ("assembly_statistics", {"statistic": "l50", "of": "genome_size"}, [["A" * 8, "A" * 4], 20], 2),
    ("greedy_assembly", {}, [["ACGT", "GTCC", "CCTT"], 2], ["ACGTCCTT"]),
]  # fmt: skip


def chosen(name: str, options: dict[str, str]) -> Variant:
    family = families()[name]
    usual = {switch: first for switch, (first, *_) in family.switches.items()}
    assert options.keys() <= usual.keys()
    return Variant(family, usual | options)


@pytest.mark.parametrize(
    ("name", "options", "arguments", "expected"),
    EXAMPLES,
    ids=[f"{name}-{number}" for number, (name, *_) in enumerate(EXAMPLES)],
)
def test_a_reference_gives_the_known_result(
    name: str, options: dict[str, str], arguments: list[Any], expected: Any
) -> None:
    variant = chosen(name, options)
    if name == "cigar_summary" and len(arguments) == 1:
        arguments = [*arguments, 0, 0]
    how = "tree" if variant.family.compare == "tree" else "float"
    given = as_json(variant.call(arguments))
    if name in ("hardy_weinberg", "evolutionary_distance") and isinstance(expected, float):
        given = round(given, 4 if name == "hardy_weinberg" else 6)  # type: ignore[arg-type]
    assert same(how, expected, given), given  # type: ignore[arg-type]


def test_every_family_has_a_known_result() -> None:
    assert families().keys() == {name for name, *_ in EXAMPLES}
