from lifelines import CoxPHFitter

people = patients[patients["PATIENT_ID"].isin(samples["PATIENT_ID"])]
people = people.dropna(subset=["OS_MONTHS", "OS_STATUS"])
rows = []
for gene in genes:
    hits = calls.loc[calls["Hugo_Symbol"] == gene, "Tumor_Sample_Barcode"]
    mutated = samples.loc[samples["SAMPLE_ID"].isin(hits), "PATIENT_ID"]
    frame = pd.DataFrame(
        {
            "months": people["OS_MONTHS"],
            "died": people["OS_STATUS"].str.contains("DECEASED").astype(int),
            "hit": people["PATIENT_ID"].isin(mutated).astype(int),
        }
    )
    row = CoxPHFitter().fit(frame, "months", "died").summary.loc["hit"]
    bounds = [float(row[f"exp(coef){part}"]) for part in ["", " lower 95%", " upper 95%"]]
    rows.append([gene, int(frame["hit"].sum()), *bounds])
answer = {"forest": rows}
