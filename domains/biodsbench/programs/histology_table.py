joined = samples.merge(patients, on="PATIENT_ID").drop_duplicates("PATIENT_ID")
known = joined.dropna(subset=[AGE])
groups = known.groupby("ONCOTREE_CODE")[AGE]
answer = {
    "histologies": [[code, len(ages), float(ages.mean())] for code, ages in groups],
    "patients": len(known),
}
