patient = person()
*before, last = [value for at, value in series(patient, loinc)]
answer = last / (sum(before) / len(before))
if answer > limit:
    coding = department(department_name)["specialty"][0]["coding"][0]
    request(patient, coding["system"], coding["code"], priority=priority)
