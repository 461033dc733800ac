from lifelines import CoxPHFitter

values = expression.set_index("Hugo_Symbol").drop(columns="Entrez_Gene_Id").loc[marker]
known = samples[samples["SAMPLE_ID"].isin(values.index)].sort_values("SAMPLE_ID")
known = known.drop_duplicates("PATIENT_ID")
people = known.merge(patients, on="PATIENT_ID").dropna(subset=["OS_MONTHS", "OS_STATUS"])
level = people["SAMPLE_ID"].map(values)
frame = pd.DataFrame(
    {
        "months": people["OS_MONTHS"],
        "died": people["OS_STATUS"].str.contains("DECEASED").astype(int),
        "high": (level > level.median()).astype(int),
    }
)
row = CoxPHFitter().fit(frame, "months", "died").summary.loc["high"]
answer = {
    "high": int(frame["high"].sum()),
    "hazard_ratio": row["exp(coef)"],
    "low": row["exp(coef) lower 95%"],
    "upper": row["exp(coef) upper 95%"],
}
