found = every("Patient", given=given, family=family, birthdate=born)
answer = found[0]["identifier"][0]["value"] if found else "Patient not found"
