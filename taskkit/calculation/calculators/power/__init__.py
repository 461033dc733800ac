"""Sample size and power of the usual designs; needs numpy and scipy."""
