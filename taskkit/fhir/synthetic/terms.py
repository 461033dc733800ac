"""The codes that the population is written with: LOINC, SNOMED CT, RxNorm, ICD-10-CM, CVX."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"
CVX = "http://hl7.org/fhir/sid/cvx"
UCUM = "http://unitsofmeasure.org"
MRN = "urn:oid:2.999.1.1"
"""System of medical record numbers; 2.999 is the arc for examples."""


def lines(name: str) -> list[str]:
    """The lines of a table beside this module."""
    text = files("taskkit.fhir.synthetic").joinpath(f"{name}.txt").read_text(encoding="utf-8")
    return text.splitlines()


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
    low: float
    high: float
    """Limits of the reference range."""
    noise: float
    """Standard deviation from visit to visit, in `unit`."""
    vital: bool = False


def _analyte(line: str) -> Analyte:
    key, loinc, name, said, unit, decimals, low, high, noise, vital = line.split("; ")
    return Analyte(
        key, loinc, name, tuple(said.split(" / ")), unit, int(decimals), float(low), float(high),
        float(noise), vital == "vital",
    )  # fmt: skip


ANALYTES = {one.key: one for one in map(_analyte, lines("analytes"))}
PRESSURE = ("85354-9", "Blood pressure panel with all children optional")
SYSTOLIC = ("8480-6", "Systolic blood pressure")
DIASTOLIC = ("8462-4", "Diastolic blood pressure")


@dataclass(frozen=True, slots=True)
class Disease:
    """A long-lasting condition, and what it does to a patient."""

    key: str
    snomed: str
    icd: str
    name: str
    said: tuple[str, ...]
    share: float
    """Of patients at 65 years; more with age."""
    drugs: tuple[str, ...]
    """Any one of them is given first."""
    shifts: tuple[tuple[str, float], ...]
    """Analytes that it moves, in their unit."""


def _disease(line: str) -> Disease:
    key, snomed, icd, name, said, share, drugs, shifts = line.split("; ")
    moves = [word.split("=") for word in shifts.split(",") if word != "-"]
    return Disease(
        key, snomed, icd, name, tuple(said.split(" / ")), float(share), tuple(drugs.split(",")),
        tuple((name, float(by)) for name, by in moves),
    )  # fmt: skip


DISEASES = {one.key: one for one in map(_disease, lines("diseases"))}
ACUTE = (
    ("233604007", "J18.9", "Pneumonia", ("pneumonia",)),
    ("68566005", "N39.0", "Urinary tract infectious disease", ("urinary tract infection", "UTI")),
    ("128045006", "L03.90", "Cellulitis", ("cellulitis",)),
    ("14669001", "N17.9", "Acute renal failure syndrome", ("acute kidney injury", "AKI")),
)


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


def _drug(line: str) -> Drug:
    key, rxnorm, name, said, group, doses, unit, route, daily = line.split("; ")
    return Drug(
        key, rxnorm, name, tuple(said.split(" / ")), group,
        tuple(float(dose) for dose in doses.split(",")), unit, route, int(daily),
    )  # fmt: skip


DRUGS = {one.key: one for one in map(_drug, lines("drugs"))}
ROUTES = {
    "oral": ("26643006", "Oral route"),
    "intravenous": ("47625008", "Intravenous route"),
    "subcutaneous": ("34206005", "Subcutaneous route"),
    "inhalation": ("447694001", "Respiratory tract route"),
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


ALLERGENS = (
    Allergen(RXNORM, "7980", "penicillin G", "penicillin", "penicillin", "medication"),
    Allergen(RXNORM, "10180", "sulfamethoxazole", "sulfamethoxazole", "sulfonamide", "medication"),
    Allergen(RXNORM, "5640", "ibuprofen", "ibuprofen", "NSAID", "medication"),
    Allergen(RXNORM, "2670", "codeine", "codeine", "opioid", "medication"),
    Allergen(RXNORM, "2551", "ciprofloxacin", "ciprofloxacin", "fluoroquinolone", "medication"),
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
FAMILIES = [
    "Abbott",
    "Adeyemi",
    "Alvarez",
    "Andersen",
    "Bakshi",
    "Barker",
    "Bauer",
    "Becker",
    "Bennett",
    "Brandt",
    "Callahan",
    "Castillo",
    "Chen",
    "Dalton",
    "Delgado",
    "Dubois",
    "Eriksen",
    "Farrell",
    "Ferrari",
    "Fischer",
    "Fleming",
    "Fontaine",
    "Garrett",
    "Gomez",
    "Greene",
    "Haddad",
    "Hansen",
    "Hartman",
    "Hughes",
    "Ibrahim",
    "Ivanova",
    "Jansen",
    "Johansson",
    "Kamara",
    "Keller",
    "Kim",
    "Kovacs",
    "Lambert",
    "Larsen",
    "Lindqvist",
    "Lopez",
    "Maguire",
    "Marino",
    "Mbeki",
    "Mendoza",
    "Moreau",
    "Nakamura",
    "Nguyen",
    "Novak",
    "Okafor",
    "Olsen",
    "Ortega",
    "Park",
    "Patel",
    "Petrov",
    "Quinn",
    "Ramirez",
    "Reyes",
    "Rossi",
    "Russo",
    "Sandoval",
    "Schmidt",
    "Silva",
    "Sorensen",
    "Suzuki",
    "Takahashi",
    "Torres",
    "Vargas",
    "Vega",
    "Walker",
    "Weber",
    "Whitaker",
    "Yamada",
    "Zhang",
    "Zimmerman",
]
WOMEN = [
    "Aisha",
    "Alice",
    "Amara",
    "Anna",
    "Beatriz",
    "Carla",
    "Chloe",
    "Diana",
    "Elena",
    "Emma",
    "Fatima",
    "Grace",
    "Hannah",
    "Ines",
    "Irene",
    "Julia",
    "Karin",
    "Laura",
    "Leila",
    "Lucia",
    "Maria",
    "Mei",
    "Miriam",
    "Nadia",
    "Nora",
    "Olivia",
    "Paula",
    "Rosa",
    "Ruth",
    "Sara",
    "Sofia",
    "Teresa",
    "Yuki",
    "Zoe",
]
MEN = [
    "Adam",
    "Ahmed",
    "Alan",
    "Andre",
    "Anton",
    "Boris",
    "Carlos",
    "Daniel",
    "David",
    "Diego",
    "Emil",
    "Erik",
    "Felix",
    "George",
    "Hassan",
    "Henry",
    "Hugo",
    "Ivan",
    "Jakob",
    "James",
    "Jorge",
    "Karl",
    "Kenji",
    "Leo",
    "Luca",
    "Marco",
    "Martin",
    "Miguel",
    "Noah",
    "Omar",
    "Oscar",
    "Paul",
    "Peter",
    "Rafael",
    "Samuel",
    "Theo",
    "Viktor",
]
CITIES = (
    ("Ashford", "OH"), ("Brookfield", "OH"), ("Cedar Falls", "IN"), ("Dunmore", "PA"),
    ("Eastvale", "PA"), ("Fairmont", "WV"), ("Glenview", "IN"), ("Harlan", "KY"),
)  # fmt: skip
