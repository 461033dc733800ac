patient = person()
(old,) = patient["telecom"]
change({**patient, "telecom": [{**old, "value": phone}]})
answer = old["value"]
