icd = "http://hl7.org/fhir/sid/icd-10-cm"
codings = [coding for one in problems(person()) for coding in one["code"]["coding"]]
answer = sorted({coding["code"] for coding in codings if coding["system"] == icd})
