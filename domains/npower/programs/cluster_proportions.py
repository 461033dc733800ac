def power(n):
    inflation = 1 + (members - 1) * correlation
    error = ((first * (1 - first) + second * (1 - second)) * inflation / (n * members)) ** 0.5
    return stats.norm.cdf(abs(first - second) / error - stats.norm.isf(alpha / sides))
