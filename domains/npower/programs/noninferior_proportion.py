def power(n):
    error = ((first * (1 - first) + second * (1 - second)) / n) ** 0.5
    return stats.norm.cdf((first - second + margin) / error - stats.norm.isf(alpha))
