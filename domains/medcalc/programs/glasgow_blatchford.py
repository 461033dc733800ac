urea = 0
for limit, worth in ((18.2, 2), (22.4, 3), (28, 4), (70, 6)):
    if urea_nitrogen >= limit:
        urea = worth
if sex == "male":
    blood = 0 if haemoglobin >= 13 else 1 if haemoglobin >= 12 else 3 if haemoglobin >= 10 else 6
else:
    blood = 0 if haemoglobin >= 12 else 1 if haemoglobin >= 10 else 6
pressure = 3 if systolic < 90 else 2 if systolic < 100 else 1 if systolic < 110 else 0
points = [
    urea,
    blood,
    pressure,
    1 if heart_rate >= 100 else 0,
    1 if "melaena" in findings else 0,
    2 if "syncope" in findings else 0,
    2 if "liver_disease" in findings else 0,
    2 if "heart_failure" in findings else 0,
]
answer = [*points, sum(points)]
