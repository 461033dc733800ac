"""What the hospital's conditions, drugs and routes are coded with beside ICD-10-CM and LOINC.

SNOMED CT (International Edition) for conditions, organisms and routes; RxNorm (National Library of
Medicine) for the ingredients of drugs. What is not in the tables has no such code: mixtures, care
products, codes of ICD that no one concept means.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import Any

TABLES = Path(__file__).parent / "tables"
LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"
SNOMED, RXNORM = "http://snomed.info/sct", "http://www.nlm.nih.gov/research/umls/rxnorm"
ICD10, ICD9_PROCEDURES = "http://hl7.org/fhir/sid/icd-10-cm", "http://hl7.org/fhir/sid/icd-9-cm"
TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
ROUTES = {
    "po": ("26643006", "Oral route"), "iv": ("47625008", "Intravenous route"),
    "sc": ("34206005", "Subcutaneous route"), "im": ("78421000", "Intramuscular route"),
    "pr": ("37161004", "Rectal route"), "ng": ("127492001", "Nasogastric route"),
    "ih": ("447694001", "Respiratory tract route"), "td": ("45890007", "Transdermal route"),
    "tp": ("6064005", "Topical route"), "sl": ("37839007", "Sublingual route"),
    "ou": ("54485002", "Ophthalmic route"),
}  # fmt: skip
"""SNOMED CT's code and name of each route; the mouth itself and the skin have none here."""
NO_GROWTH = ("264868006", "No growth")
Resource = dict[str, Any]


def coding(system: str, code: str, name: str | None = None) -> Resource:
    """A Coding."""
    found = {"system": system, "code": code}
    return found if name is None else {**found, "display": name}


def concept(system: str, code: str, name: str) -> Resource:
    """A CodeableConcept of one coding."""
    return {"coding": [coding(system, code, name)], "text": name}


def status(system: str, code: str) -> Resource:
    """A CodeableConcept of HL7's own terminology."""
    return {"coding": [coding(f"{TERMINOLOGY}/{system}", code)]}


def condition(code: str, icd10: str, title: str) -> Resource:
    """A condition: SNOMED CT where it is known, and ICD-10-CM.

    Args:
        code: In ICD-9-CM, as the course has it.
        icd10: The same in ICD-10-CM.
        title: In the words of ICD-9-CM.
    """
    codings = [coding(ICD10, icd10)]
    if code in snomed():
        codings.insert(0, coding(SNOMED, *snomed()[code]))
    return {"coding": codings, "text": title}


def drug(name: str) -> Resource:
    """A drug: its ingredient in RxNorm where it is known, and its name."""
    if name not in rxnorm():
        return {"text": name}
    return {"coding": [coding(RXNORM, *rxnorm()[name])], "text": name}


def route(key: str, said: str) -> Resource:
    """A route: SNOMED CT where it is known, and a word."""
    return {**(concept(SNOMED, *ROUTES[key]) if key in ROUTES else {}), "text": said}


def growth(organism: str | None) -> Resource:
    """What a culture grew: SNOMED CT where it is known, and its name."""
    code = NO_GROWTH if organism is None else organisms().get(organism)
    said = {"text": organism or "no growth"}
    return said if code is None else {"coding": [coding(SNOMED, *code)], **said}


@cache
def organisms() -> dict[str, tuple[str, str]]:
    """Code and name of organisms by what microbiology calls them."""
    return _table("organisms")


@cache
def snomed() -> dict[str, tuple[str, str]]:
    """Code and name of conditions by their code in ICD-9-CM."""
    return _table("snomed")


@cache
def rxnorm() -> dict[str, tuple[str, str]]:
    """Code and name of the ingredient by the course's name of a drug."""
    return _table("rxnorm")


def _table(name: str) -> dict[str, tuple[str, str]]:
    lines = (TABLES / f"{name}.tsv").read_text("utf-8").splitlines()[1:]
    rows = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    return {key: (code, said) for key, code, said in rows}
