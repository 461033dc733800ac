import numpy
from scipy.special import ndtr


def power(n):
    freedom = 2 * n - 2
    error = deviation * (2 / n) ** 0.5
    limit = stats.t.isf(alpha, freedom)
    bounds = numpy.linspace(0, margin / error / limit, 2001)
    share = numpy.diff(stats.chi2.cdf(freedom * bounds**2, freedom))
    slack = limit * (bounds[1:] + bounds[:-1]) / 2
    upper = ndtr((margin - difference) / error - slack)
    lower = ndtr(slack - (margin + difference) / error)
    return (share * (upper - lower)).sum()
