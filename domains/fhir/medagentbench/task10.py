found = values("A1C")
answer = [[-1, None]]
if found:
    at, value = found[-1]
    answer = [[value, at[:19].replace("T", " ")]]
if not found or found[-1][0][:10] < "2022-11-13":
    request("http://loinc.org", "4548-4")
