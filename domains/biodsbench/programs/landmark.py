from lifelines.statistics import logrank_test

people = patients.dropna(subset=["OS_MONTHS", "OS_STATUS", RESPONSE])
people = people[(people[RESPONSE] != "NE") & (people["OS_MONTHS"] > landmark)]
died = people["OS_STATUS"].str.contains("DECEASED")
left = people["OS_MONTHS"] - landmark
good = people[RESPONSE].isin(["CR", "PR"])
test = logrank_test(left[good], left[~good], died[good], died[~good])
answer = {
    "responders": int(good.sum()),
    "others": int((~good).sum()),
    "statistic": test.test_statistic,
    "p_value": test.p_value,
}
