"""MedCalc-Bench's rows: its words for a patient, and the audit of its labels."""
