patient = person()
since = now - timedelta(hours=hours)
answer = [value for at, value in series(patient, loinc) if since <= at <= now][-1]
if answer <= limit:
    low, lowest = round(limit - 0.2, 1), round(limit - 0.4, 1)
    dose = 4 if answer < lowest else 2 if answer < low else 1
    order(patient, rxnorm, dose, unit, route, None)
