both = patients.merge(samples, on="PATIENT_ID", how="outer", indicator=True)
kinds = both["_merge"].value_counts()
answer = {
    "inner_rows": int(kinds["both"]),
    "patients_without_sample": int(kinds["left_only"]),
    "samples_without_patient": int(kinds["right_only"]),
    "patients_with_several": int((samples["PATIENT_ID"].value_counts() > 1).sum()),
}
