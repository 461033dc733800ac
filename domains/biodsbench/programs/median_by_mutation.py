from lifelines import KaplanMeierFitter
from lifelines.statistics import logrank_test

sequenced = samples.merge(patients, on="PATIENT_ID")
hits = calls.loc[calls["Hugo_Symbol"] == gene, "Tumor_Sample_Barcode"]
sequenced["hit"] = sequenced["SAMPLE_ID"].isin(hits)
known = sequenced.dropna(subset=["OS_MONTHS", "OS_STATUS"])
people = known.groupby("PATIENT_ID").agg(
    hit=("hit", "max"), months=("OS_MONTHS", "first"), status=("OS_STATUS", "first")
)
people["died"] = people["status"].str.contains("DECEASED")
mutated, wild = people[people["hit"]], people[~people["hit"]]
test = logrank_test(mutated["months"], wild["months"], mutated["died"], wild["died"])
fit = KaplanMeierFitter()
answer = {
    "mutated": len(mutated),
    "median_mutated": fit.fit(mutated["months"], mutated["died"]).median_survival_time_,
    "median_wild": fit.fit(wild["months"], wild["died"]).median_survival_time_,
    "p_value": test.p_value,
}
