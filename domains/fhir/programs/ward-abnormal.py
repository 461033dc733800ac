patients = everyone()
answer = []
for stay in every("Encounter", **{"status": "in-progress", "class": "IMP"}):
    patient = patients[stay["subject"]["reference"]]
    found = series(patient, loinc)
    if found and found[-1][0] >= time(stay["period"]["start"]) and found[-1][1] < limit:
        answer.append(number(patient))
answer.sort()
