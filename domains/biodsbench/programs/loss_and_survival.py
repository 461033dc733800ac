from lifelines.statistics import logrank_test

levels = cna.set_index("Hugo_Symbol").drop(columns="Entrez_Gene_Id").loc[deleted].dropna()
profile = samples.set_index("SAMPLE_ID").join(levels.rename("level"), how="inner")
lowest = profile.groupby("PATIENT_ID")["level"].min()
people = patients.dropna(subset=["OS_MONTHS", "OS_STATUS"]).set_index("PATIENT_ID")
people = people.join(lowest.rename("level"), how="inner")
lost = people["level"] < 0
died = people["OS_STATUS"].str.contains("DECEASED")
months = people["OS_MONTHS"]
test = logrank_test(months[lost], months[~lost], died[lost], died[~lost])
answer = {
    "lost": int(lost.sum()),
    "kept": int((~lost).sum()),
    "statistic": test.test_statistic,
    "p_value": test.p_value,
}
