from scipy.stats import fisher_exact

known = samples.dropna(subset=[TMB])
high = known[TMB] >= cut
far, near = (known["SAMPLE_TYPE"] == kind for kind in ("Metastasis", "Primary"))
counts = [[int((high & kind).sum()), int((~high & kind).sum())] for kind in (far, near)]
test = fisher_exact(counts)
answer = {
    "share_metastasis": high[far].mean(),
    "share_primary": high[near].mean(),
    "odds_ratio": test.statistic,
    "p_value": test.pvalue,
}
