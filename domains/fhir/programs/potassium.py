patient = person()
since = now - timedelta(hours=hours)
answer = [value for at, value in series(patient, loinc) if since <= at <= now][-1]
if answer < limit:
    order(patient, rxnorm, round((limit - answer) * 10) * step, unit, route, None)
