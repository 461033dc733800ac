answer = series()[-1]
