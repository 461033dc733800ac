"""Body size: index, surface, and the weights that drugs and fluids are dosed by."""

from __future__ import annotations

import math

from taskkit.calculation.calculators.calculator import checked
from taskkit.calculation.calculators.measures import BodyMassIndex, Height, Sex, Weight

CM_PER_INCH = 2.54
DEVINE_HEIGHT = 60  # inches; the height the source's slope starts from
EXCESS_SHARE = 0.4  # of the weight above ideal that distributes drug


@checked
def body_mass_index(weight: Weight, height: Height) -> float:
    """Give the weight for the height.

    Args:
        weight: kg.
        height: cm.

    Returns:
        kg/m2.

    Raises:
        ValueError: An input no patient can have.

    Source:
        Keys et al., J Chronic Dis 25:329-343 (1972), after Quetelet.
    """
    return 10_000 * weight / height**2


@checked
def ideal_body_weight(sex: Sex, height: Height) -> float:
    """Give the ideal body weight by Devine.

    Args:
        sex: Men start from 50 kg, women from 45.5 kg.
        height: cm. The source is for adults of 5 feet and more; below, the line is extended,
            as is customary, for as long as the weight stays above 0.

    Returns:
        kg.

    Raises:
        ValueError: An input no patient can have, or a height whose weight is not above 0.

    Source:
        Devine, Drug Intell Clin Pharm 8:650-655 (1974).
    """
    start = 45.5 if sex == "female" else 50.0
    weight = start + 2.3 * (height / CM_PER_INCH - DEVINE_HEIGHT)
    if weight <= 0:
        raise ValueError(f"height {height:g} cm: too short for Devine's line, need about 105")
    return weight


@checked
def adjusted_body_weight(sex: Sex, weight: Weight, height: Height) -> float:
    """Give the ideal weight and two fifths of what is above it.

    Args:
        sex: For the ideal weight.
        weight: Actual, kg.
        height: cm.

    Returns:
        kg; below ideal where the actual weight is.

    Raises:
        ValueError: As `ideal_body_weight`.

    Source:
        Bauer et al., Eur J Clin Pharmacol 24:643-647 (1983), for aminoglycosides.
    """
    ideal = ideal_body_weight(sex, height)
    return ideal + EXCESS_SHARE * (weight - ideal)


@checked
def body_surface_area(weight: Weight, height: Height) -> float:
    """Give the body surface area by Mosteller.

    Args:
        weight: kg.
        height: cm.

    Returns:
        m2.

    Raises:
        ValueError: An input no patient can have.

    Source:
        Mosteller, N Engl J Med 317:1098 (1987).
    """
    return math.sqrt(weight * height / 3600)


@checked
def target_weight(body_mass_index: BodyMassIndex, height: Height) -> float:
    """Give the weight at which a patient has a wanted body mass index.

    Args:
        body_mass_index: Wanted, kg/m2.
        height: cm.

    Returns:
        kg.

    Raises:
        ValueError: An input no patient can have.

    Source:
        The definition of the index; see `body_mass_index`.
    """
    return body_mass_index * (height / 100) ** 2


@checked
def maintenance_fluids(weight: Weight) -> float:
    """Give the hourly maintenance fluid by the 4-2-1 rule.

    Args:
        weight: kg.

    Returns:
        mL/h: 4 per kg to 10 kg, 2 per kg to 20 kg, 1 per kg above.

    Raises:
        ValueError: A weight no patient can have.

    Source:
        Holliday & Segar, Pediatrics 19:823-832 (1957).
    """
    first, second, rest = min(weight, 10), max(min(weight, 20) - 10, 0), max(weight - 20, 0)
    return 4 * first + 2 * second + rest
