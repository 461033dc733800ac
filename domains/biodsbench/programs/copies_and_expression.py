from scipy.stats import mannwhitneyu

levels = cna.set_index("Hugo_Symbol").drop(columns="Entrez_Gene_Id").loc[amplified]
values = expression.set_index("Hugo_Symbol").drop(columns="Entrez_Gene_Id").loc[amplified]
both = pd.DataFrame({"level": levels, "value": values}).dropna()
high = both["level"] == 2
test = mannwhitneyu(both.loc[high, "value"], both.loc[~high, "value"], method="asymptotic")
answer = {
    "samples": len(both),
    "amplified": int(high.sum()),
    "fold": both.loc[high, "value"].median() / both.loc[~high, "value"].median(),
    "p_value": test.pvalue,
}
