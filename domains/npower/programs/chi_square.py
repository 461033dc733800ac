def power(n):
    columns = [sum(row[place] for row in table) for place in range(len(table[0]))]
    effect = 0.0
    for row in table:
        for cell, column in zip(row, columns, strict=True):
            effect += cell**2 / (sum(row) * column)
    freedom = (len(table) - 1) * (len(table[0]) - 1)
    return stats.ncx2.sf(stats.chi2.isf(alpha, freedom), freedom, n * (effect - 1))
