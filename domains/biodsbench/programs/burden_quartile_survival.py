from lifelines import KaplanMeierFitter
from lifelines.statistics import logrank_test

first = samples.sort_values("SAMPLE_ID").drop_duplicates("PATIENT_ID")
people = first.merge(patients, on="PATIENT_ID").dropna(subset=["OS_MONTHS", "OS_STATUS", TMB])
cut = people[TMB].quantile(0.75)
high = people[TMB] >= cut
died = people["OS_STATUS"].str.contains("DECEASED")
months = people["OS_MONTHS"]
test = logrank_test(months[high], months[~high], died[high], died[~high])
answer = {
    "cut": cut,
    "high": int(high.sum()),
    "median_low": KaplanMeierFitter().fit(months[~high], died[~high]).median_survival_time_,
    "p_value": test.p_value,
}
