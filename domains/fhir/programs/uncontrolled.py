patients = everyone()
answer = []
for key in sick(snomed):
    found = series(patients[key], loinc)
    if found and found[-1][1] > limit:
        answer.append(number(patients[key]))
answer.sort()
