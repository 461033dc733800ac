"""One model of what happens to a patient in hospital, from which every rendering is made."""

from __future__ import annotations

from taskkit.ehr.course.history import Hospital
from taskkit.ehr.course.patient import Patient
from taskkit.ehr.course.stay import Stay

__all__ = ["Hospital", "Patient", "Stay"]
