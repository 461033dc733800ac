def power(n):
    left = n - tested - others - 1
    if left < 1:
        return 0.0
    limit = stats.f.ppf(1 - alpha, tested, left)
    return 1 - stats.ncf.cdf(limit, tested, left, effect * n)
