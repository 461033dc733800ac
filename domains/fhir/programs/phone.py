answer = next(one["value"] for one in person()["telecom"] if one["system"] == "phone")
