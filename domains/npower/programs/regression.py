def power(n):
    left = n - tested - others - 1
    return stats.ncf.sf(stats.f.isf(alpha, tested, left), tested, left, effect * n)
