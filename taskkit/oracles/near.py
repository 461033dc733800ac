"""Whether a number is near enough to the expected one."""

from __future__ import annotations

from taskkit.spec.oracle import Tolerance


def near(expected: int | float, actual: int | float, tolerance: Tolerance) -> bool:
    """Say whether ``actual`` is within either bound of ``expected``, bounds included."""
    if expected == actual:
        return True
    return abs(expected - actual) <= slack(expected, tolerance)


def slack(expected: int | float, tolerance: Tolerance) -> float:
    """Give the largest accepted difference from ``expected``."""
    return max(tolerance.absolute, tolerance.relative * abs(expected))
