fast = respiratory_rate > 20
if arterial_carbon_dioxide is not None and arterial_carbon_dioxide < 32:
    fast = True
points = [
    0 if 36 <= temperature <= 38 else 1,
    1 if heart_rate > 90 else 0,
    1 if fast else 0,
    0 if 4 <= white_cells <= 12 else 1,
]
answer = [*points, sum(points)]
