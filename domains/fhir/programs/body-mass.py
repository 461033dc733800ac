patient = person()
weight, height = (series(patient, code)[-1][1] for code in ("29463-7", "8302-2"))
answer = weight / (height / 100) ** 2
