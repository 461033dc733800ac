found = values("MG", date=f"ge{day}")
answer = found[-1][1] if found else -1
if found and answer < 2:
    order("0338-1715-40", 4 if answer < 1 else 2 if answer < 1.5 else 1, "g", "IV")
