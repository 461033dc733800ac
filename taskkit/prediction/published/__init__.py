"""Readers of what publishers ship: EHRSHOT, MIMIC-Extract."""
