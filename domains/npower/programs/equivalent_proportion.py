def power(n):
    error = ((first * (1 - first) + second * (1 - second)) / n) ** 0.5
    z = stats.norm.isf(alpha)
    upper = stats.norm.cdf((margin - (first - second)) / error - z)
    lower = stats.norm.cdf((margin + (first - second)) / error - z)
    return upper + lower - 1
