def power(n):
    z = stats.norm.isf(alpha / sides)
    sum_, gap = gained + lost, abs(gained - lost)
    return stats.norm.cdf((gap * n**0.5 - z * sum_**0.5) / (sum_ - gap * gap) ** 0.5)
