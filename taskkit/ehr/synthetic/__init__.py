"""The embedded hospital."""
