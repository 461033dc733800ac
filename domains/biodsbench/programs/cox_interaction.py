from lifelines import CoxPHFitter

hits = calls.loc[calls["Hugo_Symbol"] == gene, "Tumor_Sample_Barcode"]
mutated = samples.loc[samples["SAMPLE_ID"].isin(hits), "PATIENT_ID"]
people = patients[patients["PATIENT_ID"].isin(samples["PATIENT_ID"])]
people = people.dropna(subset=["OS_MONTHS", "OS_STATUS"])
frame = pd.DataFrame(
    {
        "months": people["OS_MONTHS"],
        "died": people["OS_STATUS"].str.contains("DECEASED").astype(int),
        "arm": (people[ARM] == arms[1]).astype(int),
        "hit": people["PATIENT_ID"].isin(mutated).astype(int),
    }
)
frame["both"] = frame["arm"] * frame["hit"]
fit = CoxPHFitter().fit(frame, "months", "died")
answer = {
    "coefficient": fit.params_["both"],
    "standard_error": fit.standard_errors_["both"],
    "p_value": fit.summary.loc["both", "p"],
}
