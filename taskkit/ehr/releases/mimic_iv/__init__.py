"""MIMIC-IV."""
