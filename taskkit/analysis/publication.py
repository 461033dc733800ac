"""A synthetic study as files: tables in the form that cBioPortal publishes, with their oddities."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from taskkit.analysis.cohort import RESPONSES, Cohort, Reals, draw_cohort, generator
from taskkit.analysis.gene import EXPRESSED, GENES, PROFILED
from taskkit.analysis.recipe import Recipe
from taskkit.analysis.tumour import (
    MEGABASES,
    SITES,
    Mutation,
    Samples,
    draw_copies,
    draw_expression,
    draw_mutations,
    draw_samples,
)

TABLES = ("clinical_patient", "clinical_sample", "mutations", "cna", "mrna_seq_rsem")
"""The tables of a study; `Recipe.file` names their files."""
UNCOUNTED = ("Silent", "5'Flank")
"""Classes that change no protein, and that the burden leaves out."""
FIRST_DAY = date(2014, 1, 1)
NUMBER = re.compile(r"^AGE|MONTHS|TMB|PURITY|MSI|FRACTION|BLAST|ECOG")
CONSEQUENCES = {
    "Missense_Mutation": "missense_variant",
    "Nonsense_Mutation": "stop_gained",
    "Frame_Shift_Del": "frameshift_variant",
    "Frame_Shift_Ins": "frameshift_variant",
    "Splice_Site": "splice_acceptor_variant",
    "In_Frame_Del": "inframe_deletion",
    "Silent": "synonymous_variant",
    "5'Flank": "upstream_gene_variant",
}
MAF = (
    "Hugo_Symbol", "Entrez_Gene_Id", "Center", "NCBI_Build", "Chromosome", "Start_Position",
    "End_Position", "Strand", "Consequence", "Variant_Classification", "Variant_Type",
    "Reference_Allele", "Tumor_Seq_Allele1", "Tumor_Seq_Allele2", "Tumor_Sample_Barcode",
    "Matched_Norm_Sample_Barcode", "Mutation_Status", "t_ref_count", "t_alt_count", "n_ref_count",
    "n_alt_count", "HGVSp_Short", "Protein_position",
)  # fmt: skip


@dataclass(frozen=True)
class Table:
    """A table as text; an empty text is a missing value."""

    columns: tuple[str, ...]
    rows: list[list[str]]


def publish(recipe: Recipe, folder: Path, seed: int) -> dict[str, Path]:
    """Draw a study and write its tables.

    Returns:
        File by name.
    """
    cohort = draw_cohort(recipe, seed)
    samples = draw_samples(recipe, cohort, seed)
    mutations = draw_mutations(recipe, cohort, samples, seed)
    copies = draw_copies(recipe, cohort, samples, seed)
    expression = draw_expression(recipe, cohort, samples, copies, seed)
    tables = {
        "clinical_patient": patient_table(recipe, cohort, seed),
        "clinical_sample": sample_table(recipe, cohort, samples, mutations, copies, seed),
        "mutations": mutation_table(recipe, samples, mutations),
        "cna": matrix(recipe, PROFILED, samples, copies, lambda value: f"{value:.0f}"),
        "mrna_seq_rsem": matrix(recipe, EXPRESSED, samples, expression, lambda v: f"{v:g}"),
    }
    written = {}
    for name, table in tables.items():
        path = folder / recipe.file(name)
        write(recipe, name, table, path, samples.ids)
        written[path.name] = path
    return written


def write(recipe: Recipe, name: str, table: Table, path: Path, sequenced: Sequence[str]) -> None:
    """Write a table, with the comment lines that cBioPortal puts over it."""
    tabs = recipe.layout.suffix == "txt"
    with path.open("w", encoding="utf-8", newline="") as file:
        if tabs and name.startswith("clinical"):
            file.writelines("#" + "\t".join(line) + "\n" for line in described(table.columns))
        if tabs and name == "mutations":
            file.write(f"#version 2.4\n#sequenced_samples: {' '.join(sequenced)}\n")
        out = csv.writer(file, delimiter="\t" if tabs else ",", lineterminator="\n")
        out.writerow(table.columns)
        out.writerows(table.rows)


def described(columns: Sequence[str]) -> Iterable[list[str]]:
    """Give the four comment lines over a table: titles, descriptions, types, priorities."""
    titles = [column.replace("_", " ").title() for column in columns]
    kinds = ["NUMBER" if NUMBER.search(column) else "STRING" for column in columns]
    return titles, [f"{title}." for title in titles], kinds, ["1"] * len(columns)


def patient_table(recipe: Recipe, cohort: Cohort, seed: int) -> Table:
    """Write the patients."""
    layout, chance = recipe.layout, generator(recipe.name, "centres", seed)
    centres = chance.integers(0, 3, recipe.patients).tolist()
    fitness = chance.choice(3, recipe.patients, p=(0.45, 0.4, 0.15)).tolist()
    alive, dead = ("0:LIVING", "1:DECEASED") if layout.coded else ("LIVING", "DECEASED")
    free, worse = ("0:CENSORED", "1:PROGRESSION") if layout.coded else ("CENSORED", "PROGRESSION")
    columns = (
        "PATIENT_ID", "SEX", layout.age, layout.stage, layout.arm, layout.response, "ECOG",
        "CENTER", "OS_STATUS", "OS_MONTHS", "PFS_STATUS", "PFS_MONTHS",
    )  # fmt: skip
    rows = []
    for i, identifier in enumerate(cohort.ids):
        known = not math.isnan(cohort.months[i])
        stage, response = int(cohort.stage[i]), int(cohort.response[i])
        rows.append([
            identifier,
            layout.sexes[0 if cohort.female[i] else 1],
            number(cohort.age[i], 1),
            layout.missing if stage < 0 else recipe.stages[stage],
            recipe.arms[cohort.arm[i]],
            layout.missing if response < 0 else RESPONSES[response],
            str(fitness[i]),
            f"Center {'ABC'[centres[i]]}",
            (dead if cohort.died[i] else alive) if known else "",
            number(cohort.months[i], 3),
            (worse if cohort.progressed[i] else free) if known else "",
            number(cohort.progression_months[i], 3),
        ])  # fmt: skip
    return Table(columns, rows)


def sample_table(
    recipe: Recipe, cohort: Cohort, samples: Samples, mutations: list[Mutation],
    copies: Reals, seed: int,
) -> Table:  # fmt: skip
    """Write the samples, and two whose patients the patient table does not know."""
    layout, chance = recipe.layout, generator(recipe.name, "columns", seed)
    columns = (
        "SAMPLE_ID", "PATIENT_ID", "SAMPLE_TYPE", layout.subtype, "ONCOTREE_CODE", "CANCER_TYPE",
        "CANCER_TYPE_DETAILED", layout.purity, "MSI_SCORE", layout.burden,
        "FRACTION_GENOME_ALTERED", "BIOPSY_SITE", "SEQUENCING_DATE",
    )  # fmt: skip
    burdens = burden(samples, mutations)
    profiled = np.logical_not(np.isnan(copies).all(axis=0)).tolist()
    altered = (np.nan_to_num(copies) != 0).mean(axis=0)
    altered = np.clip(altered + chance.normal(0.0, 0.03, len(altered)), 0.0, 1.0)
    unlisted = chance.random(len(samples.ids)) < 0.04
    rows = []
    for i, identifier in enumerate(samples.ids):
        patient = samples.patient[i]
        code, histology, _ = recipe.histologies[cohort.histology[patient]]
        rows.append([
            identifier,
            cohort.ids[patient],
            "Metastasis" if samples.metastasis[i] else "Primary",
            recipe.subtypes[cohort.subtype[patient]].name,
            code,
            recipe.cancer,
            histology,
            number(samples.purity[i], 0),
            number(samples.score[i], 2),
            "" if unlisted[i] else number(burdens[i], 9),
            number(altered[i], 4) if profiled[i] else "",
            SITES[samples.site[i]],
            (FIRST_DAY + timedelta(days=int(samples.day[i]))).isoformat(),
        ])  # fmt: skip
    code, histology, _ = recipe.histologies[0]
    for orphan in ("0017", "0046"):
        known = [f"{recipe.prefix}-{orphan}-T01", f"{recipe.prefix}-{orphan}", "Primary", ""]
        rest = [code, recipe.cancer, histology, "", "", "", "", SITES[0], "2013-12-30"]
        rows.append([*known, *rest])
    return Table(columns, rows)


def burden(samples: Samples, mutations: list[Mutation]) -> Reals:
    """Give the nonsynonymous somatic mutations per megabase of each sample."""
    counts = np.zeros(len(samples.ids))
    for row in set(mutations):
        if not row.germline and row.variant not in UNCOUNTED:
            counts[row.sample] += 1
    return counts / MEGABASES


def mutation_table(recipe: Recipe, samples: Samples, mutations: list[Mutation]) -> Table:
    """Write the mutations, and three calls of a control that is no sample of the study."""
    rows = [mutation_row(recipe, samples.ids[row.sample], row) for row in mutations]
    control = f"{recipe.prefix}-CONTROL-N01"
    for gene, residue in (("TP53", 72), ("BRCA2", 372), ("APC", 1822)):
        call = Mutation(
            0, GENES[gene], "Missense_Mutation", residue, f"P{residue}R", 300, 150, True
        )
        rows.append(mutation_row(recipe, control, call))
    return Table(MAF, rows)


def mutation_row(recipe: Recipe, sample: str, row: Mutation) -> list[str]:
    """Write a mutation as a row of a mutation annotation file."""
    start = row.gene.entrez * 7919 % 120_000_000 + 3 * row.residue
    deletion, insertion = row.variant.endswith("Del"), row.variant.endswith("Ins")
    first = row.residue % 4
    other = "GTAC" if row.residue // 4 % 3 else "CATG"  # two transitions to a transversion
    old = "-" if insertion else "ACGT"[first] + "G" * deletion
    new = "-" if deletion else other[first] + "T" * insertion
    end = start + (1 if deletion or insertion else 0)
    return [
        row.gene.symbol, str(row.gene.entrez), recipe.name.split("_")[1].title(), "GRCh37",
        row.gene.chromosome, str(start), str(end), "+", CONSEQUENCES[row.variant], row.variant,
        "DEL" if deletion else "INS" if insertion else "SNP", old, old, new, sample,
        f"{sample.rsplit('-', 1)[0]}-N01", "GERMLINE" if row.germline else "SOMATIC",
        str(row.depth - row.alternate), str(row.alternate), str(row.depth // 2),
        str(row.alternate // 2 if row.germline else 0),
        f"p.{row.protein}" if row.protein else "",
        str(row.residue) if row.protein else "",
    ]  # fmt: skip


def matrix(
    recipe: Recipe, genes: Sequence[str], samples: Samples, values: Reals,
    written: Callable[[float], str],
) -> Table:  # fmt: skip
    """Write genes by samples; samples that were not measured have no column."""
    measured = np.flatnonzero(~np.isnan(values).all(axis=0)).tolist()
    names = [samples.ids[i].replace("-", "." if recipe.layout.dotted else "-") for i in measured]
    rows = [
        [gene, str(GENES[gene].entrez)]
        + ["NA" if math.isnan(values[row, i]) else written(values[row, i]) for i in measured]
        for row, gene in enumerate(genes)
    ]
    return Table(("Hugo_Symbol", "Entrez_Gene_Id", *names), rows)


def number(value: float, decimals: int) -> str:
    """Write a number without idle zeros; nothing where it is not known."""
    if math.isnan(value):
        return ""
    text = f"{value:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
