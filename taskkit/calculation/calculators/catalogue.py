"""The calculators by number and name, with what they give."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal

from taskkit.calculation.calculators import (
    apache,
    body,
    cardiology,
    comorbidity,
    critical_care,
    electrolytes,
    hepatology,
    infection,
    metabolism,
    nephrology,
    obstetrics,
    pharmacology,
    pulmonology,
    qt,
    thrombosis,
)
from taskkit.calculation.calculators.calculator import Input, inputs
from taskkit.calculation.calculators.score import Score

OutputKind = Literal["decimal", "integer", "date", "weeks"]


class MissingInputError(ValueError):
    """An input that a calculator cannot do without."""


@dataclass(frozen=True)
class Calculator:
    """One entry of the catalogue."""

    number: int
    """MedCalc-Bench's calculator id."""
    function: Callable[..., Any]
    kind: OutputKind
    unit: str
    """UCUM code of the result; `1` where it has none."""
    digits: int
    """Decimals to which a task asks the result."""

    @property
    def name(self) -> str:
        """The function's name."""
        return self.function.__name__

    @property
    def specialty(self) -> str:
        """The module's name."""
        return self.function.__module__.rpartition(".")[2]

    @property
    def inputs(self) -> tuple[Input, ...]:
        """The arguments; those of a record stand in its place."""
        flat: list[Input] = []
        for item in inputs(self.function):
            flat += inputs(item.record) if item.kind == "record" and item.record else [item]
        return tuple(flat)

    def compute(self, values: Mapping[str, Any]) -> Any:
        """Compute the result of inputs given by name; a score as its total.

        Raises:
            ValueError: As `explain`.
        """
        result = self.explain(values)
        return result.total if isinstance(result, Score) else result

    def explain(self, values: Mapping[str, Any]) -> Any:
        """Compute the result of inputs given by name; a score with its items.

        Raises:
            MissingInputError: An input is missing.
            ValueError: An unknown or impossible input.
        """
        known = {item.name: item for item in self.inputs}
        for name in values:
            if name not in known:
                near = get_close_matches(name, known, 1)
                hint = f", such as {near[0]!r}" if near else ""
                raise ValueError(f"{self.name}: unknown input {name!r}: need {sorted(known)}{hint}")
        missing = [n for n, item in known.items() if n not in values and not item.optional]
        if missing:
            raise MissingInputError(f"{self.name}: missing {', '.join(missing)}")
        return self.function(**gather(inputs(self.function), values))


def gather(wanted: Sequence[Input], values: Mapping[str, Any]) -> dict[str, Any]:
    """Give the arguments of a function from flat values, building its records."""
    arguments: dict[str, Any] = {}
    for item in wanted:
        if item.kind == "record" and item.record is not None:
            parts = {part.name for part in inputs(item.record)}
            arguments[item.name] = item.record(**{n: v for n, v in values.items() if n in parts})
        elif item.name in values:
            arguments[item.name] = values[item.name]
    return arguments


ENTRIES = (
    Calculator(2, nephrology.creatinine_clearance, "decimal", "mL/min", 1),
    Calculator(3, nephrology.ckd_epi_2021, "decimal", "mL/min/{1.73_m2}", 1),
    Calculator(4, cardiology.cha2ds2_vasc, "integer", "1", 0),
    Calculator(5, cardiology.mean_arterial_pressure, "decimal", "mm[Hg]", 1),
    Calculator(6, body.body_mass_index, "decimal", "kg/m2", 2),
    Calculator(7, electrolytes.corrected_calcium, "decimal", "mg/dL", 2),
    Calculator(8, thrombosis.wells_embolism, "decimal", "1", 1),
    Calculator(9, nephrology.mdrd, "decimal", "mL/min/{1.73_m2}", 1),
    Calculator(10, body.ideal_body_weight, "decimal", "kg", 1),
    Calculator(11, qt.qtc_bazett, "decimal", "ms", 1),
    Calculator(13, obstetrics.due_date, "date", "1", 0),
    Calculator(15, hepatology.child_pugh, "integer", "1", 0),
    Calculator(16, thrombosis.wells_thrombosis, "integer", "1", 0),
    Calculator(17, cardiology.revised_cardiac_risk, "integer", "1", 0),
    Calculator(18, cardiology.heart_score, "integer", "1", 0),
    Calculator(19, hepatology.fib4, "decimal", "1", 2),
    Calculator(20, infection.centor, "integer", "1", 0),
    Calculator(21, critical_care.glasgow_coma, "integer", "1", 0),
    Calculator(22, body.maintenance_fluids, "decimal", "mL/h", 1),
    Calculator(23, hepatology.meld_na, "integer", "1", 0),
    Calculator(24, pharmacology.steroid_equivalent, "decimal", "mg", 2),
    Calculator(25, cardiology.has_bled, "integer", "1", 0),
    Calculator(26, electrolytes.corrected_sodium, "decimal", "mmol/L", 1),
    Calculator(27, hepatology.glasgow_blatchford, "integer", "1", 0),
    Calculator(28, apache.apache_ii, "integer", "1", 0),
    Calculator(29, pulmonology.pneumonia_severity, "integer", "1", 0),
    Calculator(30, electrolytes.serum_osmolality, "decimal", "mmol/kg", 1),
    Calculator(31, metabolism.homa_ir, "decimal", "1", 2),
    Calculator(32, comorbidity.charlson, "integer", "1", 0),
    Calculator(33, infection.fever_pain, "integer", "1", 0),
    Calculator(36, thrombosis.caprini, "integer", "1", 0),
    Calculator(38, electrolytes.free_water_deficit, "decimal", "L", 2),
    Calculator(39, electrolytes.anion_gap, "decimal", "mmol/L", 1),
    Calculator(40, nephrology.fractional_excretion_of_sodium, "decimal", "%", 2),
    Calculator(43, critical_care.sofa, "integer", "1", 0),
    Calculator(44, metabolism.ldl_cholesterol, "decimal", "mg/dL", 1),
    Calculator(45, pulmonology.curb65, "integer", "1", 0),
    Calculator(46, cardiology.framingham_hard_chd, "decimal", "%", 1),
    Calculator(48, thrombosis.perc, "integer", "1", 0),
    Calculator(49, pharmacology.morphine_equivalents, "decimal", "mg/d", 1),
    Calculator(51, critical_care.sirs, "integer", "1", 0),
    Calculator(56, qt.qtc_fridericia, "decimal", "ms", 1),
    Calculator(57, qt.qtc_framingham, "decimal", "ms", 1),
    Calculator(58, qt.qtc_hodges, "decimal", "ms", 1),
    Calculator(59, qt.qtc_rautaharju, "decimal", "ms", 1),
    Calculator(60, body.body_surface_area, "decimal", "m2", 2),
    Calculator(61, body.target_weight, "decimal", "kg", 1),
    Calculator(62, body.adjusted_body_weight, "decimal", "kg", 1),
    Calculator(63, electrolytes.delta_gap, "decimal", "mmol/L", 1),
    Calculator(64, electrolytes.delta_ratio, "decimal", "1", 2),
    Calculator(65, electrolytes.albumin_corrected_anion_gap, "decimal", "mmol/L", 1),
    Calculator(66, electrolytes.albumin_corrected_delta_gap, "decimal", "mmol/L", 1),
    Calculator(67, electrolytes.albumin_corrected_delta_ratio, "decimal", "1", 2),
    Calculator(68, obstetrics.conception_date, "date", "1", 0),
    Calculator(69, obstetrics.gestational_age, "weeks", "1", 0),
)
CATALOGUE: Mapping[int, Calculator] = {entry.number: entry for entry in ENTRIES}
"""The 55 by MedCalc-Bench's number."""
BY_NAME: Mapping[str, Calculator] = {entry.name: entry for entry in ENTRIES}
