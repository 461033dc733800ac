from lifelines import KaplanMeierFitter

people = patients.dropna(subset=["PFS_MONTHS", "PFS_STATUS", RESPONSE])
good = people[people[RESPONSE].isin(["CR", "PR"])]
event = good["PFS_STATUS"].str.contains("PROGRESSION")
fit = KaplanMeierFitter().fit(good["PFS_MONTHS"], event)
answer = {
    "responders": len(good),
    "events": int(event.sum()),
    "median": fit.median_survival_time_,
    "free_at_time": fit.predict(months),
}
