found = values("MG", date=f"ge{day}")
level = found[-1][1] if found else -1
answer = [[level, values("MG")[-1][0][:19].replace("T", " ")]]
if found and level < 2:
    order("0338-1715-40", 4 if level < 1 else 2 if level < 1.5 else 1, "g", "IV")
