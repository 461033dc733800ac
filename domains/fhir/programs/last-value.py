answer = round(series(person(), loinc)[-1][1], 6)
