joined = samples.merge(patients, on="PATIENT_ID")
rows = []
for gene in sorted(genes):
    hits = calls.loc[calls["Hugo_Symbol"] == gene, "Tumor_Sample_Barcode"]
    carriers = joined[joined["SAMPLE_ID"].isin(hits)].drop_duplicates("PATIENT_ID")
    rows.append([gene, *(int((carriers["SEX"] == sex).sum()) for sex in sexes)])
people = joined.drop_duplicates("PATIENT_ID")
answer = {"carriers": rows, "denominators": [int((people["SEX"] == sex).sum()) for sex in sexes]}
