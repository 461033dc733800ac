found = series()
answer = round(sum(found) / len(found), 6)
