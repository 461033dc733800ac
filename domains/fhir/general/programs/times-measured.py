answer = len(series())
