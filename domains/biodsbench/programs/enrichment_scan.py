from scipy.stats import chi2_contingency, false_discovery_control

typed = samples.dropna(subset=[SUBTYPE])
rows = []
for gene in sorted(genes):
    hits = calls.loc[calls["Hugo_Symbol"] == gene, "Tumor_Sample_Barcode"]
    table = pd.crosstab(typed[SUBTYPE], typed["SAMPLE_ID"].isin(hits))
    test = chi2_contingency(table, correction=False)
    rows.append([gene, float(test.statistic), float(test.pvalue)])
adjusted = false_discovery_control([row[2] for row in rows])
answer = {
    "statistics": [row[:2] for row in rows],
    "significant": [row[0] for row, q in zip(rows, adjusted, strict=True) if q < level],
    "largest_q": float(adjusted.max()),
}
