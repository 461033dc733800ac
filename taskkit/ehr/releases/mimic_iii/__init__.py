"""MIMIC-III."""
