from scipy.stats import fisher_exact

known = samples.dropna(subset=[TMB])
high = known[TMB] >= cut
table = pd.crosstab(known["SAMPLE_TYPE"], high).loc[["Metastasis", "Primary"], [True, False]]
test = fisher_exact(table)
answer = {
    "share_metastasis": table.loc["Metastasis", True] / table.loc["Metastasis"].sum(),
    "share_primary": table.loc["Primary", True] / table.loc["Primary"].sum(),
    "odds_ratio": test.statistic,
    "p_value": test.pvalue,
}
