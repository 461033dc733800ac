since = now - timedelta(days=days)
values = [value for at, value in series(person(), loinc) if at >= since]
answer = sum(value > limit if above else value < limit for value in values)
