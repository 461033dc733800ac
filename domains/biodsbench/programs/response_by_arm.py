from scipy.stats import chi2_contingency

known = patients.dropna(subset=[RESPONSE])
table = pd.crosstab(known[RESPONSE], known[ARM])
test = chi2_contingency(table, correction=False)
answer = {
    "responses": [[name, int(row[arms[0]]), int(row[arms[1]])] for name, row in table.iterrows()],
    "statistic": test.statistic,
    "p_value": test.pvalue,
}
