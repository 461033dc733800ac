answer = len({at.date() for at, value in series(person(), loinc)})
