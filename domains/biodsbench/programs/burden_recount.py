counts = calls["Tumor_Sample_Barcode"].value_counts()
known = samples.dropna(subset=[TMB]).set_index("SAMPLE_ID")
again = counts.reindex(known.index, fill_value=0) / megabases
apart = (again - known[TMB]).abs() > 0.01
missing = samples.loc[samples[TMB].isna(), "SAMPLE_ID"]
answer = {
    "compared": len(known),
    "apart": int(apart.sum()),
    "mean_recounted": again.mean(),
    "mean_of_missing": (counts.reindex(missing, fill_value=0) / megabases).mean(),
}
