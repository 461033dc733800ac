from lifelines import CoxPHFitter

people = patients.dropna(subset=["PFS_MONTHS", "PFS_STATUS", STAGE])
frame = pd.DataFrame(
    {
        "months": people["PFS_MONTHS"],
        "event": people["PFS_STATUS"].str.contains("PROGRESSION").astype(int),
        "arm": (people[ARM] == arms[1]).astype(int),
        "stage": people[STAGE],
    }
)
fit = CoxPHFitter().fit(frame, "months", "event", strata=["stage"])
row = fit.summary.loc["arm"]
answer = {
    "events": int(frame["event"].sum()),
    "hazard_ratio": row["exp(coef)"],
    "low": row["exp(coef) lower 95%"],
    "high": row["exp(coef) upper 95%"],
}
