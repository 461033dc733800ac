def power(n):
    error = ((first * (1 - first) + second * (1 - second)) / n) ** 0.5
    z = stats.norm.ppf(1 - alpha)
    sides_ = [(margin - (first - second)) / error - z, (margin + (first - second)) / error - z]
    return max(sum(stats.norm.cdf(value) for value in sides_) - 1, 0.0)
