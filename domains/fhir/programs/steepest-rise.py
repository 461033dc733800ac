found = series(person(), loinc)
rises = [(after[1] - before[1], after[0]) for before, after in zip(found, found[1:])]
answer = max(rises)[1].strftime("%Y-%m-%d %H:%M:%S")
