"""Functions with hidden cases, and programs with hidden context."""
