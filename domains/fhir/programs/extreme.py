since = now - timedelta(days=days)
values = [value for at, value in series(person(), loinc) if at >= since]
answer = max(values) if highest else min(values)
