"""Readers of clinical data, synthetic generators, and the databases they make."""
