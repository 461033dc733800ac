from lifelines import KaplanMeierFitter

people = patients.dropna(subset=["OS_MONTHS", "OS_STATUS"])
alive = ~people["OS_STATUS"].str.contains("DECEASED")
fit = KaplanMeierFitter().fit(people["OS_MONTHS"], alive)
answer = {
    "censored": int(alive.sum()),
    "median_follow_up": fit.median_survival_time_,
    "naive_median": people.loc[alive, "OS_MONTHS"].median(),
}
