(patient,) = every("Patient", identifier=mrn)
born, today = patient["birthDate"], NOW[:10]
answer = int(today[:4]) - int(born[:4]) - (today[5:] < born[5:])
