(_, before), (_, last) = series(person(), loinc)[-2:]
answer = last - before
