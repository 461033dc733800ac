answer = round(glucose / 405 * insulin, 2)
