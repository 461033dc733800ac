points = []
for sign in (
    "high_risk_surgery",
    "ischaemic_heart_disease",
    "heart_failure",
    "cerebrovascular_disease",
    "insulin",
):
    points.append(1 if sign in findings else 0)
points.append(1 if creatinine > 2 else 0)
answer = [*points, sum(points)]
