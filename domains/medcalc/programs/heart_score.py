history = {"slight": 0, "moderate": 1, "high": 2}[suspicion]
ecg = {"normal": 0, "nonspecific repolarisation": 1, "significant ST deviation": 2}
level = {"normal": 0, "up to 3 times the limit": 1, "above 3 times the limit": 2}
years = 0 if age < 45 else 1 if age < 65 else 2
count = 3 if "atherosclerotic_disease" in findings else len(findings)
risk = 0 if count == 0 else 1 if count < 3 else 2
points = [history, ecg[electrocardiogram], years, risk, level[troponin]]
answer = [*points, sum(points)]
