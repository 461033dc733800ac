points = [
    1 if confusion else 0,
    1 if urea_nitrogen > 19.61 else 0,
    1 if respiratory_rate >= 30 else 0,
    1 if systolic < 90 or diastolic <= 60 else 0,
    1 if age >= 65 else 0,
]
answer = [*points, sum(points)]
