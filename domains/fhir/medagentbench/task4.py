found = values("MG", date=f"ge{day}")
answer = found[-1][1] if found else -1
