answer = series(person(), loinc)[-1][0].strftime("%Y-%m-%d %H:%M:%S")
