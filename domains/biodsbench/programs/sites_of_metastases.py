known = samples[samples["SAMPLE_TYPE"] == "Metastasis"]
known = known[known["PATIENT_ID"].isin(patients["PATIENT_ID"])]
counts = known["BIOPSY_SITE"].value_counts()
answer = {
    "sites": [[name, int(count), 100 * int(count) / len(known)] for name, count in counts.items()],
    "patients": int(known["PATIENT_ID"].nunique()),
}
