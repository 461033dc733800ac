from scipy.stats import mannwhitneyu

first = samples.sort_values("SAMPLE_ID").drop_duplicates("PATIENT_ID")
people = first.merge(patients, on="PATIENT_ID").dropna(subset=[TMB, RESPONSE])
people = people[people[RESPONSE] != "NE"]
good = people[RESPONSE].isin(["CR", "PR"])
test = mannwhitneyu(people.loc[good, TMB], people.loc[~good, TMB], method="asymptotic")
answer = {
    "median_responders": people.loc[good, TMB].median(),
    "median_others": people.loc[~good, TMB].median(),
    "u_statistic": test.statistic,
    "p_value": test.pvalue,
}
