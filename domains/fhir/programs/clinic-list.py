patients = everyone()
until = now + timedelta(days=days)
answer = set()
for visit in every("Appointment", specialty=specialty, status="booked"):
    if now <= time(visit["start"]) <= until:
        keys = [part["actor"]["reference"] for part in visit["participant"]]
        answer |= {number(patients[key]) for key in keys if key in patients}
answer = sorted(answer)
