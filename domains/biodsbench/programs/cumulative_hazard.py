from lifelines import NelsonAalenFitter

people = patients.dropna(subset=["OS_MONTHS", "OS_STATUS", STAGE])
rows = []
for stage, group in people.groupby(STAGE):
    died = group["OS_STATUS"].str.contains("DECEASED")
    fit = NelsonAalenFitter(nelson_aalen_smoothing=False).fit(group["OS_MONTHS"], died)
    rows.append([stage, len(group), float(fit.predict(months))])
answer = {"hazards": rows}
