"""The reference program of a question: constants, the tables that it reads, its body."""

from __future__ import annotations

import re
from collections.abc import Mapping

from taskkit.analysis.parameter import Value
from taskkit.analysis.recipe import Recipe

DATA = "/data/"
IMPORT = re.compile(r"(import|from) ")
READ = 'pd.read_csv(place + "{file}" + suffix, sep=sep'
READERS = {
    "patients": READ.format(file="clinical_patient")
    + ', skiprows=skip, na_values="[Not Available]")',
    "samples": READ.format(file="clinical_sample")
    + ', skiprows=skip, na_values="[Not Available]")',
    "mutations": READ.format(file="mutations") + ', comment="#")',
    "cna": READ.format(file="cna") + ")",
    "expression": READ.format(file="mrna_seq_rsem") + ")",
}  # fmt: skip
"""How each table is read."""
DOTTED = '{name}.columns = {name}.columns.str.replace(".", "-", regex=False)'
CALLS = """\
counted = mutations["Mutation_Status"] == "SOMATIC"
counted &= ~mutations["Variant_Classification"].isin(["Silent", "5'Flank"])
counted &= mutations["Tumor_Sample_Barcode"].isin(samples["SAMPLE_ID"])
calls = mutations[counted].drop_duplicates()"""
"""The mutations that count."""


def facts(recipe: Recipe) -> dict[str, Value]:
    """Give the constants of a study that programs may use, by name."""
    layout = recipe.layout
    text = layout.suffix == "txt"
    return {
        "suffix": f".{layout.suffix}",
        "sep": "\t" if text else ",",
        "skip": 4 if text else 0,
        "AGE": layout.age,
        "STAGE": layout.stage,
        "ARM": layout.arm,
        "RESPONSE": layout.response,
        "SUBTYPE": layout.subtype,
        "TMB": layout.burden,
        "PURITY": layout.purity,
        "arms": list(recipe.arms),
        "stages": list(recipe.stages),
        "sexes": list(layout.sexes),
    }


def program(
    recipe: Recipe, parameters: Mapping[str, Value], body: str, *, folder: str = DATA
) -> str:
    """Give a whole program that sets `answer`.

    Args:
        parameters: By the names that the body has for them.
        body: Uses the tables by the names of `READERS`, and `calls`, the mutations that count.
        folder: Where the files are, with a slash at its end.
    """
    lines = body.strip().splitlines()
    imports = {"import pandas as pd", *(line for line in lines if IMPORT.match(line))}
    rest = "\n".join(line for line in lines if not IMPORT.match(line)).strip()
    read = "\n".join(readers(rest))
    used = set(re.findall(r"\w+", f"{read}\n{rest}"))
    known = {"place": f"{folder}{recipe.name}_data_", **facts(recipe), **parameters}
    head = [f"{name} = {value!r}" for name, value in known.items() if name in used]
    return "\n".join([*sorted(imports), "", *head, "", read, "", rest, ""])


def readers(body: str) -> list[str]:
    """Give the lines that read what a body uses."""
    used = set(re.findall(r"\w+", body))
    if "calls" in used:
        used |= {"mutations", "samples"}
    lines = [f"{name} = {reader}" for name, reader in READERS.items() if name in used]
    lines += [DOTTED.format(name=name) for name in ("cna", "expression") if name in used]
    return [*lines, CALLS] if "calls" in used else lines
