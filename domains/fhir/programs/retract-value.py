before, last = counted(person(), loinc)[-2:]
change({**last, "status": "entered-in-error"})
answer = amount(before)
