patient = person()
since = now - timedelta(hours=24)
values = [value for at, value in series(patient, loinc) if since <= at <= now]
answer = sum(values) / len(values)
if answer > limit:
    weight = series(patient, weight_loinc)[-1][1]
    order(patient, rxnorm, round(weight * rate), unit, route, 1)
