stopped = drugs(person(), "stopped")
(former,) = [one for one in stopped if any(coded(why, snomed) for why in one.get("reasonCode", []))]
answer = former["medicationCodeableConcept"]["coding"][0]["code"]
