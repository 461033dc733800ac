"""Renderings of the hospital's courses: one module per format, each from the same patients."""
