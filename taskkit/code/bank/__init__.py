"""Families of functions that bioinformaticians write, a module for each field."""
