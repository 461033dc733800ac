"""Dates of a pregnancy, counted from the last menstrual period."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from taskkit.calculation.calculators.calculator import checked
from taskkit.calculation.calculators.measures import CycleLength

PREGNANCY = timedelta(days=280)  # from the last period, in a cycle of 28 days
STANDARD_CYCLE = 28  # days
OVULATION = timedelta(days=14)  # after the last period, in a cycle of 28 days
MAX_WEEKS = 45  # past any pregnancy that is left to go on; more means a wrong date


class GestationalAge(NamedTuple):
    """Completed weeks and the days above."""

    weeks: int
    days: int


@checked
def due_date(last_period: date, cycle_length: CycleLength = STANDARD_CYCLE) -> date:
    """Estimate the date of birth.

    Args:
        last_period: First day of the last menstrual period.
        cycle_length: Days, whole; each above or below 28 moves the date by one.

    Returns:
        280 days after the last period, moved by the cycle.

    Raises:
        ValueError: No date, or no cycle that can be.

    Source:
        Naegele's rule; ACOG Committee Opinion 700, Obstet Gynecol 129:e150-e154 (2017).

    Variant:
        MedCalc-Bench v1.0 moved the date later for a short cycle too.
    """
    return last_period + PREGNANCY + timedelta(days=whole(cycle_length) - STANDARD_CYCLE)


@checked
def conception_date(last_period: date) -> date:
    """Estimate the date of conception in a cycle of 28 days.

    Args:
        last_period: First day of the last menstrual period.

    Returns:
        14 days later.

    Raises:
        ValueError: No date.

    Source:
        ACOG Committee Opinion 700, Obstet Gynecol 129:e150-e154 (2017): ovulation on day 14.
    """
    return last_period + OVULATION


@checked
def gestational_age(last_period: date, today: date) -> GestationalAge:
    """Give the age of a pregnancy on a day.

    Args:
        last_period: First day of the last menstrual period.
        today: The day, not before it, and at most 45 weeks after.

    Returns:
        Completed weeks and days.

    Raises:
        ValueError: No dates, or none that belong to one pregnancy.

    Source:
        ACOG Committee Opinion 700, Obstet Gynecol 129:e150-e154 (2017).
    """
    elapsed = (today - last_period).days
    if not 0 <= elapsed <= 7 * MAX_WEEKS:
        raise ValueError(
            f"today {today}: {elapsed} days after the last period: need 0 to {7 * MAX_WEEKS}"
        )
    return GestationalAge(*divmod(elapsed, 7))


def whole(days: float) -> int:
    """Give a number of days as an integer.

    Raises:
        ValueError: It has a fraction.
    """
    if days != int(days):
        raise ValueError(f"cycle length {days:g} days: need a whole number")
    return int(days)
