(problem,) = [one for one in problems(person()) if coded(one["code"], snomed)]
system = "http://terminology.hl7.org/CodeSystem/condition-clinical"
resolved = {"coding": [{"system": system, "code": "resolved"}]}
change({**problem, "clinicalStatus": resolved, "abatementDateTime": ended})
answer = problem["onsetDateTime"]
