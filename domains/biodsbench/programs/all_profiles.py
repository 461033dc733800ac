called = set(calls["Tumor_Sample_Barcode"]) & set(samples["SAMPLE_ID"])
copied = set(cna.columns) & set(samples["SAMPLE_ID"])
read = set(expression.columns) & set(samples["SAMPLE_ID"])
whole = called & copied & read
people = samples.loc[samples["SAMPLE_ID"].isin(whole), "PATIENT_ID"]
answer = {
    "mutations": len(called),
    "copies": len(copied),
    "expression": len(read),
    "all_three": len(whole),
    "patients": int(people.nunique()),
}
