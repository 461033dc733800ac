import numpy as np
from scipy.stats import ttest_ind

values = expression.set_index("Hugo_Symbol").drop(columns="Entrez_Gene_Id")
logs = np.log2(values.loc[genes] + 1)
scaled = logs.sub(logs.mean(axis=1), axis=0).div(logs.std(axis=1), axis=0)
score = scaled.mean().rename("score")
first = samples[samples["SAMPLE_ID"].isin(score.index)].sort_values("SAMPLE_ID")
people = (
    first.drop_duplicates("PATIENT_ID").merge(patients, on="PATIENT_ID").dropna(subset=[RESPONSE])
)
people = people[people[RESPONSE] != "NE"]
mine = people["SAMPLE_ID"].map(score)
good = people[RESPONSE].isin(["CR", "PR"])
test = ttest_ind(mine[good], mine[~good], equal_var=False)
answer = {
    "mean_responders": mine[good].mean(),
    "mean_others": mine[~good].mean(),
    "t_statistic": test.statistic,
    "p_value": test.pvalue,
}
