"""Bedside calculators as plain functions, each with its units, ranges and source."""
