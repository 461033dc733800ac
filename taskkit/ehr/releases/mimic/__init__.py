"""What the releases of MIMIC share."""
