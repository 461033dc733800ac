"""Lipids, insulin resistance."""

from __future__ import annotations

from taskkit.calculation.calculators.calculator import checked
from taskkit.calculation.calculators.measures import (
    Cholesterol,
    Glucose,
    HdlCholesterol,
    Insulin,
    Triglycerides,
)
from taskkit.spec.quantity import OutOfScopeError

MAX_TRIGLYCERIDES = 400  # mg/dL; above, the source's estimate of VLDL fails


@checked
def ldl_cholesterol(
    cholesterol: Cholesterol, hdl_cholesterol: HdlCholesterol, triglycerides: Triglycerides
) -> float:
    """Estimate LDL cholesterol by Friedewald.

    Args:
        cholesterol: Total, mg/dL.
        hdl_cholesterol: mg/dL, not above total.
        triglycerides: Fasting, mg/dL, at most 400.

    Returns:
        mg/dL.

    Raises:
        ValueError: An input no patient can have, or more HDL than total.
        OutOfScopeError: Triglycerides above 400.

    Source:
        Friedewald, Levy & Fredrickson, Clin Chem 18:499-502 (1972).
    """
    if hdl_cholesterol > cholesterol:
        raise ValueError(
            f"HDL cholesterol {hdl_cholesterol:g} mg/dL: need at most the total, {cholesterol:g}"
        )
    if triglycerides > MAX_TRIGLYCERIDES:
        raise OutOfScopeError(
            f"triglycerides {triglycerides:g} mg/dL: the formula is for up to {MAX_TRIGLYCERIDES}"
        )
    return cholesterol - hdl_cholesterol - triglycerides / 5


@checked
def homa_ir(insulin: Insulin, glucose: Glucose) -> float:
    """Give the homeostatic model's index of insulin resistance.

    Args:
        insulin: Fasting, µIU/mL.
        glucose: Fasting, mg/dL.

    Returns:
        An index without unit.

    Raises:
        ValueError: An input no patient can have.

    Source:
        Matthews et al., Diabetologia 28:412-419 (1985): over 22.5 in mmol/L, so 405 in mg/dL.
    """
    return insulin * glucose / 405
