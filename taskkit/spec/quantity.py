"""A measured input: its unit and the values a calculator takes."""

from __future__ import annotations

from dataclasses import dataclass, replace

WORDS = {
    "a": "years",
    "mm[Hg]": "mmHg",
    "Cel": "°C",
    "10*9/L": "x10^9/L",
    "[pH]": "",
    "1": "",
    "kg/m2": "kg/m^2",
}
"""How a message writes a UCUM code that a clinician would not."""


LARGEST = 1e15  # above any measurement; a longer integer cannot be shown or converted


class ImpossibleValueError(ValueError):
    """A measurement that no patient can have, as a slip of the unit makes it."""


class OutOfScopeError(ValueError):
    """A possible patient to whom the source's formula does not apply."""


@dataclass(frozen=True)
class Quantity:
    """A number with a unit, the values that can occur, and those the formula is for."""

    name: str
    """What is measured, in words: also the key of its substance, if it has one."""
    unit: str
    """UCUM code."""
    low: float
    """Smallest value that can be a patient's; included."""
    high: float
    """Largest value that can be a patient's; included."""
    scope: tuple[float, float] | None = None
    """Values the source's population had, where the formula must not leave them."""

    def within(self, low: float | None = None, high: float | None = None) -> Quantity:
        """Give the same quantity limited to the population of a formula."""
        return replace(
            self,
            scope=(self.low if low is None else low, self.high if high is None else high),
        )

    def check(self, value: object, name: str = "") -> float:
        """Return `value` as a float.

        Raises:
            ValueError: It is no number.
            ImpossibleValueError: It is none that a patient can have.
            OutOfScopeError: The formula was not made for it.
        """
        name = (name or self.name).replace("_", " ")
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"{name} {value!r}: need a number in {self.unit}")
        if not abs(value) <= LARGEST:
            raise ImpossibleValueError(f"{name}: not finite: need {self.low:g} to {self.high:g}")
        shown = f"{name} {value:g} {WORDS.get(self.unit, self.unit)}".rstrip()
        if not self.low <= value <= self.high:
            raise ImpossibleValueError(f"{shown}: need {self.low:g} to {self.high:g}")
        if self.scope and not self.scope[0] <= value <= self.scope[1]:
            low, high = self.scope
            raise OutOfScopeError(f"{shown}: the formula is for {low:g} to {high:g}")
        return float(value)


AGE = Quantity("age", "a", 0, 125)  # the longest life on record: 122 years
WEIGHT = Quantity("weight", "kg", 0.2, 700)  # the smallest survivor 0.21 kg, the heaviest 635 kg
HEIGHT = Quantity("height", "cm", 20, 275)  # the tallest on record: 272 cm
BODY_MASS_INDEX = Quantity("body mass index", "kg/m2", 5, 250)
TEMPERATURE = Quantity("temperature", "Cel", 10, 47)  # survived: 11.8 and 46.5 °C
HEART_RATE = Quantity("heart rate", "/min", 10, 400)
RESPIRATORY_RATE = Quantity("respiratory rate", "/min", 0, 150)
SYSTOLIC = Quantity("systolic pressure", "mm[Hg]", 20, 380)  # measured under exertion: 370
DIASTOLIC = Quantity("diastolic pressure", "mm[Hg]", 0, 360)
MEAN_PRESSURE = Quantity("mean arterial pressure", "mm[Hg]", 5, 365)
QT = Quantity("QT interval", "ms", 100, 1200)
OXYGEN_SATURATION = Quantity("oxygen saturation", "%", 10, 100)
INSPIRED_OXYGEN = Quantity("inspired oxygen", "%", 20, 100)  # room air is 20.9 %, written 20 or 21
ARTERIAL_OXYGEN = Quantity("arterial oxygen", "mm[Hg]", 5, 760)
ARTERIAL_CARBON_DIOXIDE = Quantity("arterial carbon dioxide", "mm[Hg]", 3, 300)
OXYGEN_GRADIENT = Quantity("oxygen gradient", "mm[Hg]", 0, 760)
PH = Quantity("pH", "[pH]", 6.3, 8.0)
COMA_SCORE = Quantity("coma score", "1", 3, 15)

SODIUM = Quantity("sodium", "mmol/L", 80, 230)
POTASSIUM = Quantity("potassium", "mmol/L", 0.7, 15)
CHLORIDE = Quantity("chloride", "mmol/L", 40, 190)
BICARBONATE = Quantity("bicarbonate", "mmol/L", 0.5, 90)
CALCIUM = Quantity("calcium", "mg/dL", 1, 35)
CREATININE = Quantity("creatinine", "mg/dL", 0.05, 75)  # survived: 73.8 mg/dL
UREA_NITROGEN = Quantity("urea nitrogen", "mg/dL", 0.5, 500)
GLUCOSE = Quantity("glucose", "mg/dL", 1, 4000)  # survived: 2,656 mg/dL
ALBUMIN = Quantity("albumin", "g/dL", 0.1, 10)
BILIRUBIN = Quantity("bilirubin", "mg/dL", 0.01, 120)
INR = Quantity("INR", "1", 0.5, 50)
ASPARTATE_TRANSAMINASE = Quantity("aspartate transaminase", "U/L", 1, 100_000)
ALANINE_TRANSAMINASE = Quantity("alanine transaminase", "U/L", 1, 100_000)
INSULIN = Quantity("insulin", "u[IU]/mL", 0.01, 100_000)
CHOLESTEROL = Quantity("cholesterol", "mg/dL", 10, 3000)
HDL_CHOLESTEROL = Quantity("HDL cholesterol", "mg/dL", 1, 300)
TRIGLYCERIDES = Quantity("triglycerides", "mg/dL", 5, 40_000)
PLATELETS = Quantity("platelets", "10*9/L", 1, 15_000)  # less is a slip of the unit
WHITE_CELLS = Quantity("white cells", "10*9/L", 0.01, 2000)  # below what is counted
HAEMOGLOBIN = Quantity("haemoglobin", "g/dL", 0.5, 30)
HAEMATOCRIT = Quantity("haematocrit", "%", 2, 85)
URINE_SODIUM = Quantity("urine sodium", "mmol/L", 0, 500)
URINE_CREATININE = Quantity("urine creatinine", "mg/dL", 1, 1500)
URINE_OUTPUT = Quantity("urine output", "mL/d", 0, 40_000)
INFUSION = Quantity("infusion", "ug/kg/min", 0, 200)
DRINKS = Quantity("alcoholic drinks a week", "1", 0, 500)
CYCLE = Quantity("cycle length", "d", 15, 90)
