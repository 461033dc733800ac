from scipy.stats import chi2_contingency

table = pd.crosstab(patients["CENTER"], patients[ARM])[arms]
test = chi2_contingency(table, correction=False)
answer = {
    "counts": [[int(value) for value in row] for row in table.to_numpy()],
    "statistic": test.statistic,
    "p_value": test.pvalue,
}
