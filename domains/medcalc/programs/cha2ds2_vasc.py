points = [
    2 if age >= 75 else 1 if age >= 65 else 0,
    1 if sex == "female" else 0,
    2 if findings & {"stroke", "transient_ischaemic_attack", "thromboembolism"} else 0,
    1 if "heart_failure" in findings else 0,
    1 if "hypertension" in findings else 0,
    1 if "diabetes" in findings else 0,
    1 if "vascular_disease" in findings else 0,
]
answer = [*points, sum(points)]
