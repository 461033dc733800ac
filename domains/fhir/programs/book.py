patient, service = person(), department(department_name)
(schedule,) = every("Schedule", actor=f"HealthcareService/{service['id']}")
free = every("Slot", schedule=schedule["id"], status="free", start=f"ge{day}")
slot = min(free, key=lambda one: time(one["start"]))
keys = [f"Patient/{patient['id']}", f"HealthcareService/{service['id']}"]
appointment = {
    "resourceType": "Appointment",
    "status": "booked",
    "slot": [{"reference": f"Slot/{slot['id']}"}],
    "start": slot["start"],
    "end": slot["end"],
    "participant": [{"actor": {"reference": key}, "status": "accepted"} for key in keys],
}
bundle = {
    "resourceType": "Bundle",
    "type": "transaction",
    "entry": [
        {"resource": appointment, "request": {"method": "POST", "url": "Appointment"}},
        {
            "resource": {**slot, "status": "busy"},
            "request": {"method": "PUT", "url": f"Slot/{slot['id']}"},
        },
    ],
}
session.post(BASE, json=bundle, timeout=20).raise_for_status()
answer = minute(slot["start"])
