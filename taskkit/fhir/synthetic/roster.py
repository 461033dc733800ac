"""Whose records a clinic's server keeps: people of the hospital who are alive."""

from __future__ import annotations

from itertools import count

from taskkit.ehr.course import Hospital, Patient

INPATIENT = 0.4  # of those kept: in hospital now


def roster(hospital: Hospital, patients: int) -> list[Patient]:
    """The first patients of a hospital who are alive, with more of those who are in it now.

    A tenth of the hospital's patients lie in it; questions about the wards need more.
    """
    inside = round(patients * INPATIENT)
    wanted = {True: inside, False: patients - inside}
    found: list[Patient] = []
    for number in count():
        if len(found) == patients:
            break
        current = hospital.current(number)
        if wanted[current] > 0 and (patient := hospital.patient(number)).death is None:
            wanted[current] -= 1
            found.append(patient)
    return found
