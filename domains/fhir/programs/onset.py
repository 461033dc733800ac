(problem,) = [one for one in problems(person()) if coded(one["code"], snomed)]
answer = problem["onsetDateTime"]
