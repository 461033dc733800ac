points = []
for sign in (
    "active_cancer",
    "calf_swelling",
    "collateral_veins",
    "whole_leg_swollen",
    "deep_vein_tenderness",
    "pitting_oedema",
    "paralysis_or_plaster",
    "previous_thrombosis",
):
    points.append(1 if sign in findings else 0)
points.append(1 if "bedridden" in findings or "major_surgery" in findings else 0)
points.append(-2 if "alternative_as_likely" in findings else 0)
answer = [*points, sum(points)]
