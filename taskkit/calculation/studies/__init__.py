"""Studies to be planned: sample size and power, drawn or read from a file."""
