from lifelines import CoxPHFitter

people = patients.dropna(subset=["OS_MONTHS", "OS_STATUS", AGE])
frame = pd.DataFrame(
    {
        "months": people["OS_MONTHS"],
        "died": people["OS_STATUS"].str.contains("DECEASED").astype(int),
        "decades": people[AGE] / 10,
        "arm": (people[ARM] == arms[1]).astype(int),
    }
)
fit = CoxPHFitter().fit(frame, "months", "died")
answer = {
    "patients": len(frame),
    "hr_decade": fit.hazard_ratios_["decades"],
    "hr_arm": fit.hazard_ratios_["arm"],
    "concordance": fit.concordance_index_,
}
