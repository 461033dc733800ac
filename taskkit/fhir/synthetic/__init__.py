"""An R4 population of our own: a small hospital and its patients, drawn from a seed."""
