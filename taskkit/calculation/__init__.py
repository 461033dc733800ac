"""Calculators, studies, and the notes that ask for them."""
