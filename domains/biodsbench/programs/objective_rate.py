from scipy.stats import binomtest

known = patients.dropna(subset=[RESPONSE])
known = known[known[RESPONSE] != "NE"]
group = known[known[ARM] == arm]
good = int(group[RESPONSE].isin(["CR", "PR"]).sum())
bounds = binomtest(good, len(group)).proportion_ci(0.95, method="wilson")
answer = {
    "evaluable": len(group),
    "rate": good / len(group),
    "low": bounds.low,
    "high": bounds.high,
}
