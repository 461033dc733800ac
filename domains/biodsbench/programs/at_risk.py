people = patients.dropna(subset=["OS_MONTHS", "OS_STATUS"])
rows = []
for time in times:
    here = people["OS_MONTHS"] >= time
    rows.append([time, *(int((here & (people[ARM] == arm)).sum()) for arm in arms)])
answer = {"at_risk": rows}
