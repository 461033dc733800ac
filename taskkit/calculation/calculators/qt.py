"""The QT interval corrected for heart rate, by five published rules.

All take the heart rate per minute and the measured QT in ms, and give ms; at 60 a minute each
gives the measured interval back.
"""

from __future__ import annotations

from taskkit.calculation.calculators.calculator import checked
from taskkit.calculation.calculators.measures import HeartRate, QtInterval

SECONDS = 60  # in a minute: 60 / rate is the RR interval in seconds


@checked
def qtc_bazett(heart_rate: HeartRate, qt: QtInterval) -> float:
    """Correct QT by the square root of RR.

    Args:
        heart_rate: Per minute.
        qt: ms.

    Returns:
        ms.

    Raises:
        ValueError: An input no patient can have.

    Source:
        Bazett, Heart 7:353-370 (1920).
    """
    return float(qt / (SECONDS / heart_rate) ** 0.5)


@checked
def qtc_fridericia(heart_rate: HeartRate, qt: QtInterval) -> float:
    """Correct QT by the cube root of RR.

    Args:
        heart_rate: Per minute.
        qt: ms.

    Returns:
        ms.

    Raises:
        ValueError: An input no patient can have.

    Source:
        Fridericia, Acta Med Scand 53:469-486 (1920).
    """
    return float(qt / (SECONDS / heart_rate) ** (1 / 3))


@checked
def qtc_framingham(heart_rate: HeartRate, qt: QtInterval) -> float:
    """Correct QT linearly in RR.

    Args:
        heart_rate: Per minute.
        qt: ms.

    Returns:
        ms.

    Raises:
        ValueError: An input no patient can have.

    Source:
        Sagie et al., Am J Cardiol 70:797-801 (1992).
    """
    return qt + 154 * (1 - SECONDS / heart_rate)


@checked
def qtc_hodges(heart_rate: HeartRate, qt: QtInterval) -> float:
    """Correct QT linearly in heart rate.

    Args:
        heart_rate: Per minute.
        qt: ms.

    Returns:
        ms.

    Raises:
        ValueError: An input no patient can have.

    Source:
        Hodges, Salerno & Erlien, J Am Coll Cardiol 1:694 (1983).
    """
    return qt + 1.75 * (heart_rate - 60)


@checked
def qtc_rautaharju(heart_rate: HeartRate, qt: QtInterval) -> float:
    """Correct QT in proportion to 120 more than the heart rate.

    Args:
        heart_rate: Per minute.
        qt: ms.

    Returns:
        ms.

    Raises:
        ValueError: An input no patient can have.

    Source:
        Rautaharju, Mason & Akiyama, Int J Cardiol 174:535-540 (2014).
    """
    return qt * (120 + heart_rate) / 180
