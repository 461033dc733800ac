joined = patients.merge(samples, on="PATIENT_ID")
answer = {
    "mean_of_patients": patients[AGE].mean(),
    "mean_of_rows": joined[AGE].mean(),
    "patients_known": int(patients[AGE].notna().sum()),
    "rows_known": int(joined[AGE].notna().sum()),
}
