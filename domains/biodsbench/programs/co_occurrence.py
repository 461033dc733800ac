import numpy as np
from scipy.stats import fisher_exact

sets = calls.groupby("Hugo_Symbol")["Tumor_Sample_Barcode"].agg(set)
first = samples["SAMPLE_ID"].isin(sets[gene])
second = samples["SAMPLE_ID"].isin(sets[other])
both, only = int((first & second).sum()), int((first & ~second).sum())
rest, none = int((~first & second).sum()), int((~first & ~second).sum())
answer = {
    "counts": [both, only, rest, none],
    "log2_odds": float(np.log2((both + 0.5) * (none + 0.5) / ((only + 0.5) * (rest + 0.5)))),
    "p_value": fisher_exact([[both, only], [rest, none]]).pvalue,
}
