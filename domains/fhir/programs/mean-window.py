since = now - timedelta(hours=hours)
values = [value for at, value in series(person(), loinc) if since <= at <= now]
answer = sum(values) / len(values)
