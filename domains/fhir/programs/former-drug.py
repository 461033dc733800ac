stopped = drugs(person(), "stopped")
(former,) = [one for one in stopped if coded(one["reasonCode"][0], snomed)]
answer = former["medicationCodeableConcept"]["coding"][0]["code"]
