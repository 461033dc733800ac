points = [
    1 if age < 15 else 0 if age < 45 else -1,
    1 if temperature > 38 else 0,
    1 if "cough_absent" in findings else 0,
    1 if "tender_nodes" in findings else 0,
    1 if "tonsil_exudate" in findings else 0,
]
answer = [*points, sum(points)]
