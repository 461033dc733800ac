import math


def power(n):
    shift = math.log((1 + abs(true)) / (1 - abs(true))) / 2 * (n - 3) ** 0.5
    z = stats.norm.ppf(1 - alpha / sides)
    missed = stats.norm.cdf(z - shift)
    if sides == 2:
        missed -= stats.norm.cdf(-z - shift)
    return 1 - missed


smallest = 4
