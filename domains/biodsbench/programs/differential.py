import numpy as np
from scipy.stats import false_discovery_control, ttest_ind

values = expression.set_index("Hugo_Symbol").drop(columns="Entrez_Gene_Id")
values = values[[name for name in values.columns if name in set(samples["SAMPLE_ID"])]]
logs = np.log2(values + 1)
hit = logs.columns.isin(calls.loc[calls["Hugo_Symbol"] == gene, "Tumor_Sample_Barcode"])
test = ttest_ind(logs.loc[:, hit], logs.loc[:, ~hit], axis=1, equal_var=False)
adjusted = pd.Series(false_discovery_control(test.pvalue), index=logs.index)
change = logs.loc[:, hit].mean(axis=1) - logs.loc[:, ~hit].mean(axis=1)
answer = {
    "mutated": int(hit.sum()),
    "significant": sorted(adjusted.index[adjusted < level]),
    "top_gene": logs.index[test.pvalue.argmin()],
    "top_change": change.iloc[test.pvalue.argmin()],
}
