answer = values("K")[-1][1]
if answer < 3.5:
    order("40032-917-01", round((3.5 - answer) * 100, 6), "mEq", "oral")
    request("http://loinc.org", "2823-3", occurrenceDateTime=due)
