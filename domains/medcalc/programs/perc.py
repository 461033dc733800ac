points = [
    1 if age >= 50 else 0,
    1 if heart_rate >= 100 else 0,
    1 if oxygen_saturation < 95 else 0,
    1 if "leg_swelling" in findings else 0,
    1 if "haemoptysis" in findings else 0,
    1 if "recent_surgery_or_trauma" in findings else 0,
    1 if "hormones" in findings else 0,
    1 if findings & {"previous_embolism", "previous_thrombosis"} else 0,
]
answer = [*points, sum(points)]
