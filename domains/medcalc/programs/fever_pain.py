points = []
for sign in (
    "fever_in_24_hours",
    "cough_and_coryza_absent",
    "onset_within_3_days",
    "purulent_tonsils",
    "severe_inflammation",
):
    points.append(1 if sign in findings else 0)
answer = [*points, sum(points)]
