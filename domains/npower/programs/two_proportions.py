import math


def power(n):
    other = math.ceil(n * ratio)
    pooled = (n * first + other * second) / (n + other)
    under_null = (pooled * (1 - pooled) * (1 / n + 1 / other)) ** 0.5
    under_true = (first * (1 - first) / n + second * (1 - second) / other) ** 0.5
    z = stats.norm.isf(alpha / sides)
    return stats.norm.cdf((abs(first - second) - z * under_null) / under_true)
