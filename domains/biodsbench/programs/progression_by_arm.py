from lifelines import KaplanMeierFitter
from lifelines.statistics import logrank_test

people = patients.dropna(subset=["PFS_MONTHS", "PFS_STATUS"])
event = people["PFS_STATUS"].str.contains("PROGRESSION")
first, second = (people[ARM] == arm for arm in arms)
test = logrank_test(
    people["PFS_MONTHS"][first], people["PFS_MONTHS"][second], event[first], event[second]
)
fit = KaplanMeierFitter()
answer = {
    "events_first": int(event[first].sum()),
    "events_second": int(event[second].sum()),
    "median_first": fit.fit(people["PFS_MONTHS"][first], event[first]).median_survival_time_,
    "median_second": fit.fit(people["PFS_MONTHS"][second], event[second]).median_survival_time_,
    "p_value": test.p_value,
}
