found = [value for at, value in values("GLU", date=f"ge{day}")]
answer = sum(found) / len(found) if found else -1
