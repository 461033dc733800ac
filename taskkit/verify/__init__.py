"""Prove every instance by executing it."""
