since = now - timedelta(days=days)
recent = {
    one["subject"]["reference"]
    for one in done(procedure)
    if time(one["performedDateTime"]) >= since
}
answer = len(sick(snomed) - recent)
