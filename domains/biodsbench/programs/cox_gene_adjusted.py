from lifelines import CoxPHFitter

hits = calls.loc[calls["Hugo_Symbol"] == gene, "Tumor_Sample_Barcode"]
mutated = samples.loc[samples["SAMPLE_ID"].isin(hits), "PATIENT_ID"]
people = patients[patients["PATIENT_ID"].isin(samples["PATIENT_ID"])]
people = people.dropna(subset=["OS_MONTHS", "OS_STATUS", AGE, STAGE])
frame = pd.DataFrame(
    {
        "months": people["OS_MONTHS"],
        "died": people["OS_STATUS"].str.contains("DECEASED").astype(int),
        "age": people[AGE],
        "stage": people[STAGE].map({name: number for number, name in enumerate(stages)}),
        "hit": people["PATIENT_ID"].isin(mutated).astype(int),
    }
)
fit = CoxPHFitter().fit(frame, "months", "died")
row = fit.summary.loc["hit"]
answer = {
    "patients": len(frame),
    "hazard_ratio": row["exp(coef)"],
    "low": row["exp(coef) lower 95%"],
    "high": row["exp(coef) upper 95%"],
    "p_value": row["p"],
}
