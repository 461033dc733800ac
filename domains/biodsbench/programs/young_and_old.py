from scipy.stats import fisher_exact

joined = samples.merge(patients, on="PATIENT_ID").dropna(subset=[AGE])
hits = calls.loc[calls["Hugo_Symbol"] == gene, "Tumor_Sample_Barcode"]
joined["hit"] = joined["SAMPLE_ID"].isin(hits)
people = joined.groupby("PATIENT_ID").agg(hit=("hit", "max"), age=(AGE, "first"))
young = people["age"] < age
both, only = int((young & people["hit"]).sum()), int((young & ~people["hit"]).sum())
rest, none = int((~young & people["hit"]).sum()), int((~young & ~people["hit"]).sum())
answer = {
    "young": both + only,
    "share_young": both / (both + only),
    "share_old": rest / (rest + none),
    "p_value": fisher_exact([[both, only], [rest, none]]).pvalue,
}
