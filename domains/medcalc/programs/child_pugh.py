points = [
    3 if inr > 2.3 else 2 if inr >= 1.7 else 1,
    3 if bilirubin > 3 else 2 if bilirubin >= 2 else 1,
    3 if albumin < 2.8 else 2 if albumin <= 3.5 else 1,
    {"absent": 1, "slight": 2, "moderate to severe": 3}[ascites],
    {"none": 1, "grade 1-2": 2, "grade 3-4": 3}[encephalopathy],
]
answer = [*points, sum(points)]
