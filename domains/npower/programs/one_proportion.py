def power(n):
    z = stats.norm.isf(alpha / sides)
    reach = abs(true - null) - z * (null * (1 - null) / n) ** 0.5
    return stats.norm.cdf(reach / (true * (1 - true) / n) ** 0.5)
