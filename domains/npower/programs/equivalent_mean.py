import numpy
from scipy.special import ndtr


def power(n):
    freedom = 2 * n - 2
    error = deviation * (2 / n) ** 0.5
    bounds = numpy.linspace(0, 4, 4001)
    share = numpy.diff(stats.chi2.cdf(freedom * bounds**2, freedom))
    slack = stats.t.isf(alpha, freedom) * (bounds[1:] + bounds[:-1]) / 2
    upper = ndtr((margin - difference) / error - slack)
    lower = ndtr(slack - (margin + difference) / error)
    return (share * numpy.maximum(upper - lower, 0)).sum()
