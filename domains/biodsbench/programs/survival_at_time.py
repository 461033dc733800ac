from lifelines import KaplanMeierFitter

people = patients.dropna(subset=["OS_MONTHS", "OS_STATUS"])
answer = {}
for name, arm in zip(["first", "second"], arms, strict=True):
    group = people[people[ARM] == arm]
    fit = KaplanMeierFitter().fit(group["OS_MONTHS"], group["OS_STATUS"].str.contains("DECEASED"))
    bounds = fit.confidence_interval_survival_function_
    low, high = bounds[bounds.index <= months].iloc[-1]
    answer[f"{name}_survival"] = fit.predict(months)
    answer[f"{name}_low"], answer[f"{name}_high"] = low, high
