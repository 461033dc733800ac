"""Codes of a clinic's server beside those of the courses, and the words of clinicians.

Tests, vital signs and conditions are the hospital's own: their codes, units and ranges are read
from its tables. The tables beside this module add how people call them. The formulary is the
clinic's: RxNorm ingredients, with the doses that are ordered by mouth or needle.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

from taskkit.ehr.course.reading import read_catalogue
from taskkit.ehr.rendering import coding, fhir, meds, ucum
from taskkit.ehr.rendering.coding import ICD10, LOINC, RXNORM, SNOMED, UCUM
from taskkit.ehr.rendering.fhir import MRN

__all__ = ["ICD10", "LOINC", "MRN", "RXNORM", "SNOMED", "UCUM"]
CVX = "http://hl7.org/fhir/sid/cvx"


def lines(name: str) -> list[list[str]]:
    """The lines of a table beside this module, each in its parts."""
    text = files("taskkit.fhir.synthetic").joinpath(f"{name}.txt").read_text(encoding="utf-8")
    return [line.split("; ") for line in text.splitlines()]


@dataclass(frozen=True, slots=True)
class Analyte:
    """A laboratory value or a vital sign."""

    key: str
    loinc: str
    name: str
    said: tuple[str, ...]
    """How clinicians call it, in a sentence."""
    unit: str
    """UCUM."""
    decimals: int
    low: float = 0.0
    high: float = 0.0
    """Limits of the reference range; of a vital sign there is none."""
    vital: bool = False


def _analyte(key: str, course: str, said: str) -> Analyte:
    """An analyte by its name in the course."""
    words = tuple(said.split(" / "))
    sizes = {"weight": (*fhir.WEIGHT, "kg", 1), "height": (*fhir.HEIGHT, "cm", 0)}
    if course in sizes:
        loinc, name, unit, decimals = sizes[course]
        return Analyte(key, loinc, name, words, unit, decimals, vital=True)
    if course in meds.SIGNS:
        code, unit = meds.SIGNS[course]
        decimals = 1 if course == "temperature" else 0
        loinc, name = code.removeprefix("LOINC/"), ucum.SIGNS[course]
        return Analyte(key, loinc, name, words, unit, decimals, vital=True)
    test = read_catalogue().analytes[course]
    unit = ucum.laboratory(test.unit)
    return Analyte(key, test.loinc, course, words, unit, test.decimals, test.low, test.high)


ANALYTES = {line[0]: _analyte(*line) for line in lines("analytes")}
PRESSURE = fhir.PANEL
SYSTOLIC = ("8480-6", "Systolic blood pressure")
DIASTOLIC = ("8462-4", "Diastolic blood pressure")


@dataclass(frozen=True, slots=True)
class Disease:
    """A condition for life."""

    key: str
    snomed: str
    name: str
    said: tuple[str, ...]
    drugs: tuple[str, ...]
    """Any one of them is usual."""


def _disease(key: str, snomed: str, said: str, drugs: str) -> Disease:
    usual = () if drugs == "-" else tuple(drugs.split(","))
    return Disease(key, snomed, _CONDITIONS[snomed], tuple(said.split(" / ")), usual)


_CONDITIONS = dict(coding.snomed().values())
DISEASES = {line[0]: _disease(*line) for line in lines("diseases")}


@dataclass(frozen=True, slots=True)
class Drug:
    """A drug of the formulary."""

    key: str
    rxnorm: str
    """Of the ingredient."""
    name: str
    said: tuple[str, ...]
    group: str
    """What an allergy or an interaction goes by."""
    doses: tuple[float, ...]
    unit: str
    route: str
    """A key of `ROUTES`."""
    daily: int
    """Times a day."""


def _drug(line: list[str]) -> Drug:
    key, rxnorm, name, said, group, doses, unit, route, daily = line
    return Drug(
        key, rxnorm, name, tuple(said.split(" / ")), group,
        tuple(float(dose) for dose in doses.split(",")), unit, route, int(daily),
    )  # fmt: skip


DRUGS = {one.key: one for one in map(_drug, lines("drugs"))}
ROUTES = {
    "oral": coding.ROUTES["po"],
    "intravenous": coding.ROUTES["iv"],
    "subcutaneous": coding.ROUTES["sc"],
    "inhalation": coding.ROUTES["ih"],
}


@dataclass(frozen=True, slots=True)
class Allergen:
    """A substance that patients do not bear."""

    system: str
    code: str
    name: str
    said: str
    group: str
    """Of the drugs that it forbids; empty: no drug."""
    category: str
    forbids: tuple[str, ...] = ()
    """What the names of such drugs begin with."""


ALLERGENS = (
    Allergen(
        RXNORM,
        "7980",
        "penicillin G",
        "penicillin",
        "penicillin",
        "medication",
        ("penicillin", "amoxicillin", "ampicillin", "piperacillin", "nafcillin"),
    ),
    Allergen(
        RXNORM,
        "10180",
        "sulfamethoxazole",
        "sulfamethoxazole",
        "sulfonamide",
        "medication",
        ("sulfameth",),
    ),
    Allergen(
        RXNORM,
        "5640",
        "ibuprofen",
        "ibuprofen",
        "NSAID",
        "medication",
        ("ibuprofen", "naproxen", "ketorolac"),
    ),
    Allergen(
        RXNORM,
        "2670",
        "codeine",
        "codeine",
        "opioid",
        "medication",
        ("codeine", "morphine", "hydromorphone", "oxycodone", "fentanyl", "tramadol", "methadone"),
    ),
    Allergen(
        RXNORM,
        "2551",
        "ciprofloxacin",
        "ciprofloxacin",
        "fluoroquinolone",
        "medication",
        ("ciprofloxacin", "levofloxacin", "moxifloxacin"),
    ),
    Allergen(SNOMED, "111088007", "Latex", "latex", "", "environment"),
    Allergen(SNOMED, "762952008", "Peanut", "peanut", "", "food"),
)
REACTIONS = (
    ("126485001", "Urticaria"),
    ("271807003", "Eruption of skin"),
    ("39579001", "Anaphylaxis"),
    ("422587007", "Nausea"),
    ("41291007", "Angioedema"),
)
VACCINES = {
    "influenza": (
        "140",
        "Influenza, seasonal, injectable, preservative free",
        ("influenza vaccine", "flu shot"),
    ),
    "pneumococcal": ("33", "pneumococcal polysaccharide PPV23", ("pneumococcal vaccine", "PPSV23")),
    "tdap": ("115", "Tdap", ("Tdap", "tetanus-diphtheria-pertussis vaccine")),
    "zoster": ("187", "zoster recombinant", ("zoster vaccine", "shingles vaccine")),
}
PROCEDURES = {
    "colonoscopy": ("73761001", "Colonoscopy", ("colonoscopy",)),
    "mammography": ("71651007", "Mammography", ("mammogram", "mammography")),
    "echo": ("40701008", "Echocardiography", ("echocardiogram", "echo", "echocardiography")),
    "ecg": ("29303009", "Electrocardiographic procedure", ("ECG", "EKG", "electrocardiogram")),
    "retina": (
        "134395001",
        "Diabetic retinopathy screening",
        ("diabetic eye screening", "retinopathy screening"),
    ),
}
SERVICES = (
    ("Cardiology", "394579002", "cardiology"),
    ("Nephrology", "394589003", "nephrology"),
    ("Endocrinology", "394583002", "endocrinology"),
    ("Gastroenterology", "394584008", "gastroenterology"),
    ("Orthopaedics", "394801008", "trauma and orthopaedics"),
    ("Neurology", "394591006", "neurology"),
    ("Dermatology", "394582007", "dermatology"),
    ("Pulmonology", "418112009", "pulmonary medicine"),
    ("Ophthalmology", "394594003", "ophthalmology"),
    ("Rheumatology", "394810000", "rheumatology"),
)
"""Departments: name, SNOMED CT code and name of the specialty."""
CITIES = (
    ("Ashford", "OH"), ("Brookfield", "OH"), ("Cedar Falls", "IN"), ("Dunmore", "PA"),
    ("Eastvale", "PA"), ("Fairmont", "WV"), ("Glenview", "IN"), ("Harlan", "KY"),
)  # fmt: skip
STREETS = ("Adams", "Birch", "Cedar", "Chestnut", "Elm", "Hill", "Lake", "Maple", "Mill", "Oak",
           "Park", "Pine", "River", "Spring", "Walnut")  # fmt: skip
