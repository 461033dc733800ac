from scipy.stats import fisher_exact

hits = calls.loc[calls["Hugo_Symbol"] == gene, "Tumor_Sample_Barcode"]
mutated = samples.loc[samples["SAMPLE_ID"].isin(hits), "PATIENT_ID"]
people = patients[patients["PATIENT_ID"].isin(samples["PATIENT_ID"])].dropna(subset=[RESPONSE])
people = people[people[RESPONSE] != "NE"]
good, hit = people[RESPONSE].isin(["CR", "PR"]), people["PATIENT_ID"].isin(mutated)
table = [
    [int((good & hit).sum()), int((~good & hit).sum())],
    [int((good & ~hit).sum()), int((~good & ~hit).sum())],
]
answer = {
    "counts": table,
    "rate_mutated": table[0][0] / sum(table[0]),
    "rate_wild": table[1][0] / sum(table[1]),
    "p_value": fisher_exact(table).pvalue,
}
