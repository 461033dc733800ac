from scipy.stats import fisher_exact

sets = calls.groupby("Hugo_Symbol")["Tumor_Sample_Barcode"].agg(set)
first = samples["SAMPLE_ID"].isin(sets[gene])
second = samples["SAMPLE_ID"].isin(sets[other])
both, only = int((first & second).sum()), int((first & ~second).sum())
rest, none = int((~first & second).sum()), int((~first & ~second).sum())
answer = {
    "counts": [both, only, rest, none],
    "ratio": both * len(samples) / (first.sum() * second.sum()),
    "p_value": fisher_exact([[both, only], [rest, none]]).pvalue,
}
