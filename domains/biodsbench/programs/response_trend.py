import numpy as np
from scipy.stats import chi2_contingency

people = patients.dropna(subset=[RESPONSE])
people = people[people[RESPONSE] != "NE"]
good = people[RESPONSE].isin(["CR", "PR"])
table = pd.crosstab(people["ECOG"], good)
test = chi2_contingency(table, correction=False)
score = np.corrcoef(people["ECOG"], good)[0, 1]
answer = {
    "rates": [
        [int(ecog), int(row.sum()), float(row[True] / row.sum())] for ecog, row in table.iterrows()
    ],
    "statistic": test.statistic,
    "trend": (len(people) - 1) * score**2,
}
