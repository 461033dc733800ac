"""The numbers that patients and stays go by, the same in every rendering."""

from __future__ import annotations

from taskkit.ehr.chance import Chance

MAX_PATIENTS = 100_000  # six-digit ids
MAX_STAYS = 10  # more than any patient has
ID_STEP = 61_813  # a prime: ids look drawn, and no two are equal
MAX_MOVES = 20  # within a stay
SUBJECTS, ADMISSIONS, ICU_STAYS = 300_000, 5_000_000, 7_000_000  # ids that no release has
TRANSFERS = 10_000_000


class Identity:
    """The ids of one hospital."""

    def __init__(self, seed: int) -> None:
        """Draw where the ids begin."""
        self._offset = Chance(f"ids {seed}").whole(0, MAX_PATIENTS - 1)

    def subject(self, number: int) -> int:
        """Id of a patient."""
        return SUBJECTS + (self._offset + number * ID_STEP) % MAX_PATIENTS

    def admission(self, number: int, stay: int) -> int:
        """Id of a stay, counted from 0 within the patient."""
        return ADMISSIONS + self._place(number, stay, MAX_STAYS)

    def unit_stay(self, number: int, stay: int, unit: int) -> int:
        """Id of a stay in intensive care, counted from 0 within the stay."""
        return ICU_STAYS + self._place(number, 2 * stay + unit, 2 * MAX_STAYS)

    def transfer(self, number: int, stay: int, count: int) -> int:
        """Id of a move within a stay, counted from 0."""
        return TRANSFERS + self._place(number, MAX_MOVES * stay + count, MAX_MOVES * MAX_STAYS)

    def _place(self, number: int, part: int, parts: int) -> int:
        return (self._offset + (number * parts + part) * ID_STEP) % (MAX_PATIENTS * parts)
