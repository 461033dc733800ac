pairs = samples.groupby("PATIENT_ID")["SAMPLE_ID"].agg(list)
pairs = pairs[pairs.str.len() == 2]
genes = calls.groupby("Tumor_Sample_Barcode")["Hugo_Symbol"].agg(set)
shared, every = [], []
for first, second in pairs:
    left, right = genes.get(first, set()), genes.get(second, set())
    shared.append(len(left & right))
    every.append(len(left | right))
frame = pd.DataFrame({"shared": shared, "every": every})
kept = frame[frame["every"] > 0]
answer = {
    "patients": len(frame),
    "mean_similarity": (kept["shared"] / kept["every"]).mean(),
    "shared_in_all": int(frame["shared"].sum()),
}
