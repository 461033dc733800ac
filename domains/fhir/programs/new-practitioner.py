patient = person()
answer = practitioner(patient)["identifier"][0]["value"]
(doctor,) = every("Practitioner", identifier=staff)
reference = {"reference": f"Practitioner/{doctor['id']}"}
change({**patient, "generalPractitioner": [reference]})
