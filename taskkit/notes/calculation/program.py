"""The reference program of a patient: values as the note has them, then the calculator's code."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from taskkit.notes.calculation.patient import Patient, Reading, Said

ARITHMETIC: Mapping[tuple[str, str], tuple[str, str]] = {
    ("creatinine", "umol/L"): ("{} * 113.12 / 10_000", "113.12 g/mol"),
    ("urine_creatinine", "mmol/L"): ("{} * 113.12 / 10", "113.12 g/mol"),
    ("glucose", "mmol/L"): ("{} * 180.16 / 10", "180.16 g/mol"),
    ("urea_nitrogen", "mmol/L"): ("{} * 28.014 / 10", "28.014 g of nitrogen per mol of urea"),
    ("bilirubin", "umol/L"): ("{} * 584.66 / 10_000", "584.66 g/mol"),
    ("albumin", "g/L"): ("{} / 10", ""),
    ("haemoglobin", "g/L"): ("{} / 10", ""),
    ("calcium", "mmol/L"): ("{} * 40.08 / 10", "40.08 g/mol"),
    ("cholesterol", "mmol/L"): ("{} * 386.65 / 10", "386.65 g/mol"),
    ("hdl_cholesterol", "mmol/L"): ("{} * 386.65 / 10", "386.65 g/mol"),
    ("triglycerides", "mmol/L"): ("{} * 885.7 / 10", "885.7 g/mol"),
    ("insulin", "pmol/L"): ("{} / 6", "6 pmol per mIU"),
    ("temperature", "[degF]"): ("round(({} - 32) * 5 / 9, 9)", ""),
    ("weight", "lb"): ("{} * 0.45359237", "0.45359237 kg per pound"),
    ("height", "m"): ("{} * 100", ""),
    ("height", "in"): ("{} * 2.54", "2.54 cm per inch"),
    ("arterial_oxygen", "kPa"): ("{} * 7.50062", "7.50062 mmHg per kPa"),
    ("arterial_carbon_dioxide", "kPa"): ("{} * 7.50062", "7.50062 mmHg per kPa"),
    ("platelets", "/uL"): ("{} / 1000", ""),
    ("white_cells", "/uL"): ("{} / 1000", ""),
    ("qt", "s"): ("{} * 1000", ""),
}
"""By input and unit: how to reach the calculator's unit, and the factor that a task must state."""
ABSENT: Mapping[str, str] = {
    "dopamine": "0",
    "dobutamine": "0",
    "adrenaline": "0",
    "noradrenaline": "0",
}
"""What stands for an input that the note leaves out, where it is not None."""


def program(patient: Patient, code: str) -> str:
    """Give a Python program that sets `answer`; it needs the standard library alone."""
    said = dict(patient.said)
    head = [f"{item.name} = {literal(item.name, said)}" for item in patient.calculator.inputs]
    if any(isinstance(value, date) for value in said.values()):
        head.insert(0, "from datetime import date\n")
    return "\n".join(["# The values of the note.", *head, "", code])


def literal(name: str, said: Mapping[str, Said]) -> str:
    """Write what the note says of an input as a Python expression in the calculator's unit."""
    if name not in said:
        return ABSENT.get(name, "None")
    value = said[name]
    if isinstance(value, Reading):
        form, _ = ARITHMETIC.get((name, value.unit), ("{}", ""))
        return form.format(value.text)
    if isinstance(value, date):
        return f"date({value.year}, {value.month}, {value.day})"
    if isinstance(value, frozenset):
        return f"{{{', '.join(repr(one) for one in sorted(value))}}}" if value else "set()"
    if isinstance(value, tuple):
        return repr([(one.drug, float(one.dose), one.per_day) for one in value])
    return repr(value)


def factors(patient: Patient) -> list[str]:
    """Give the factors of conversion that the task must state, in words."""
    found = []
    for name, value in patient.said.items():
        if isinstance(value, Reading):
            _, factor = ARITHMETIC.get((name, value.unit), ("", ""))
            if factor:
                found.append(f"{name.replace('_', ' ')}: {factor}")
    return found
