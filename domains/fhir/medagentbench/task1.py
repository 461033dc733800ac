found = every("Patient", given=given, family=family, birthdate=born)
named = found[0]["identifier"][0]["value"] if found else "Patient not found"
answer = [[named, len(every("Patient", **{"family:exact": family}))]]
