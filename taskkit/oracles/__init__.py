"""Typed answer + spec -> verdict."""
