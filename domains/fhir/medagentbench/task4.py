found = values("MG", date=f"ge{day}")
level = found[-1][1] if found else -1
answer = [[level, values("MG")[-1][0][:19].replace("T", " ")]]
