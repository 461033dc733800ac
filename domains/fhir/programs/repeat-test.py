patient = person()
last = series(patient, loinc)[-1][0]
if last < now - timedelta(days=days):
    request(patient, "http://loinc.org", loinc, occurrenceDateTime=due)
answer = last.strftime("%Y-%m-%d %H:%M:%S")
