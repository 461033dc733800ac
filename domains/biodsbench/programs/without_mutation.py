counts = calls["Tumor_Sample_Barcode"].value_counts().reindex(samples["SAMPLE_ID"], fill_value=0)
answer = {
    "without": int((counts == 0).sum()),
    "mean": counts.mean(),
    "median": counts.median(),
    "most": int(counts.max()),
}
