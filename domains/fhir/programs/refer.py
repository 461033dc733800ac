patient = person()
coding = department(department_name)["specialty"][0]["coding"][0]
request(patient, coding["system"], coding["code"], priority=priority)
answer = practitioner(patient)["identifier"][0]["value"]
