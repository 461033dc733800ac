"""Kit: cohorts in MEDS, label definitions, features, hidden labels and thresholds."""
