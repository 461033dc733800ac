patient = person()
highs = [high for high, low in pressures(patient)[-3:]]
answer = sum(highs) / len(highs)
if answer > limit:
    order(patient, rxnorm, dose, unit, route, 1)
