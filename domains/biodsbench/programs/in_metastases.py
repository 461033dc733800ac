from scipy.stats import chi2_contingency

hits = calls.loc[calls["Hugo_Symbol"] == gene, "Tumor_Sample_Barcode"]
table = pd.crosstab(samples["SAMPLE_TYPE"], samples["SAMPLE_ID"].isin(hits))
share = table[True] / table.sum(axis=1)
test = chi2_contingency(table, correction=False)
answer = {
    "share_metastasis": share["Metastasis"],
    "share_primary": share["Primary"],
    "statistic": test.statistic,
}
