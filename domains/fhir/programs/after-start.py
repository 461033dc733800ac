patient = person()
start = time(taken(patient, rxnorm)["authoredOn"])
answer = next(value for at, value in series(patient, loinc) if at > start)
