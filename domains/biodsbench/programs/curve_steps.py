from lifelines import KaplanMeierFitter

group = patients[patients[ARM] == arm].dropna(subset=["OS_MONTHS", "OS_STATUS"])
fit = KaplanMeierFitter().fit(group["OS_MONTHS"], group["OS_STATUS"].str.contains("DECEASED"))
steps = fit.event_table[fit.event_table["observed"] > 0].head(steps)
curve = fit.survival_function_["KM_estimate"]
answer = {
    "steps": [
        [float(time), int(row["at_risk"]), float(curve[time])] for time, row in steps.iterrows()
    ]
}
