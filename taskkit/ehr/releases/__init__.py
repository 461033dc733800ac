"""Readers of what publishers ship, a folder for each release."""
