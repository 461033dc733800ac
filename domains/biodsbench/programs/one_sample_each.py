known = samples[samples["PATIENT_ID"].isin(patients["PATIENT_ID"])]
first = known.sort_values("SAMPLE_ID").drop_duplicates("PATIENT_ID")
answer = {
    "patients": len(first),
    "metastases": int((first["SAMPLE_TYPE"] == "Metastasis").sum()),
    "median_purity": first[PURITY].median(),
    "mean_purity": first[PURITY].mean(),
}
