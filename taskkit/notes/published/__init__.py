"""EHRCon as PhysioNet publishes it: annotations of MIMIC-III notes, checked against the tables."""
