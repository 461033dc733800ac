points = [
    3 if "signs_of_thrombosis" in findings else 0,
    3 if "embolism_most_likely" in findings else 0,
    1.5 if heart_rate > 100 else 0,
    1.5 if "immobilised" in findings or "recent_surgery" in findings else 0,
    1.5 if "previous_embolism" in findings or "previous_thrombosis" in findings else 0,
    1 if "haemoptysis" in findings else 0,
    1 if "malignancy" in findings else 0,
]
answer = [*points, sum(points)]
