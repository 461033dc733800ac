from lifelines.statistics import multivariate_logrank_test

typed = samples.dropna(subset=[SUBTYPE]).drop_duplicates("PATIENT_ID")
people = typed.merge(patients, on="PATIENT_ID").dropna(subset=["OS_MONTHS", "OS_STATUS"])
died = people["OS_STATUS"].str.contains("DECEASED")
test = multivariate_logrank_test(people["OS_MONTHS"], people[SUBTYPE], died)
answer = {
    "patients": len(people),
    "deaths": int(died.sum()),
    "statistic": test.test_statistic,
    "p_value": test.p_value,
}
