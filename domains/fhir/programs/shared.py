from datetime import datetime

import requests

session = requests.Session()
now = datetime.fromisoformat(NOW)


def person():
    (patient,) = every("Patient", identifier=mrn)
    return patient


def time(text):
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)


def amount(observation):
    value = observation["valueQuantity"]
    factors = {("2345-7", "mmol/L"): 18.016, ("2160-0", "umol/L"): 1 / 88.42}
    code = observation["code"]["coding"][0]["code"]
    return value["value"] * factors.get((code, value["code"]), 1)


def counted(patient, code):
    found = every(
        "Observation",
        patient=patient["id"],
        code=f"http://loinc.org|{code}",
        status="final,amended,corrected",
        _sort="date",
    )
    return sorted(found, key=lambda one: time(one["effectiveDateTime"]))


def series(patient, code):
    return [(time(one["effectiveDateTime"]), amount(one)) for one in counted(patient, code)]


def coded(concept, code):
    return any(coding["code"] == code for coding in concept.get("coding", []))


def practitioner(patient):
    reference = patient["generalPractitioner"][0]["reference"]
    return session.get(f"{BASE}/{reference}", timeout=20).json()


def save(kind, resource):
    response = session.post(f"{BASE}/{kind}", json=resource, timeout=20)
    response.raise_for_status()
    return response.json()


def change(resource):
    url = f"{BASE}/{resource['resourceType']}/{resource['id']}"
    session.put(url, json=resource, timeout=20).raise_for_status()


def order(patient, rxnorm, dose, unit, route, daily):
    repeat = {"frequency": daily, "period": 1, "periodUnit": "d"} if daily else {"count": 1}
    quantity = {"value": dose, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit}
    return save(
        "MedicationRequest",
        {
            "resourceType": "MedicationRequest",
            "status": "active",
            "intent": "order",
            "medicationCodeableConcept": {
                "coding": [
                    {"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": rxnorm}
                ]
            },
            "subject": {"reference": f"Patient/{patient['id']}"},
            "authoredOn": NOW,
            "dosageInstruction": [
                {
                    "timing": {"repeat": repeat},
                    "route": {"coding": [{"system": "http://snomed.info/sct", "code": route}]},
                    "doseAndRate": [{"doseQuantity": quantity}],
                }
            ],
        },
    )


def request(patient, system, code, **more):
    return save(
        "ServiceRequest",
        {
            "resourceType": "ServiceRequest",
            "status": "active",
            "intent": "order",
            "code": {"coding": [{"system": system, "code": code}]},
            "subject": {"reference": f"Patient/{patient['id']}"},
            "authoredOn": NOW,
            **more,
        },
    )


def problems(patient):
    return every("Condition", **{"patient": patient["id"], "clinical-status": "active"})


def drugs(patient, status="active"):
    return every("MedicationRequest", patient=patient["id"], status=status)


def ingredients(patient):
    concepts = [one["medicationCodeableConcept"] for one in drugs(patient)]
    return sorted({one["coding"][0]["code"] for one in concepts if "coding" in one})


def taken(patient, code):
    (found,) = [one for one in drugs(patient) if coded(one["medicationCodeableConcept"], code)]
    return found


def allergies(patient):
    found = every("AllergyIntolerance", **{"patient": patient["id"], "clinical-status": "active"})
    return [one for one in found if not coded(one["verificationStatus"], "refuted")]


def department(name):
    found = every("HealthcareService", name=name)
    (service,) = [one for one in found if one["name"] == name]
    return service


def sick(code):
    found = every(
        "Condition",
        **{"code": f"http://snomed.info/sct|{code}", "clinical-status": "active"},
    )
    return {one["subject"]["reference"] for one in found}


def number(patient):
    return patient["identifier"][0]["value"]


def everyone():
    return {f"Patient/{one['id']}": one for one in every("Patient", _count=100)}


def age(patient):
    born = time(patient["birthDate"])
    return now.year - born.year - ((now.month, now.day) < (born.month, born.day))


def minute(text):
    return time(text).strftime("%Y-%m-%d %H:%M:%S")


def pressures(patient):
    pairs = []
    for one in counted(patient, "85354-9"):
        parts = {
            part["code"]["coding"][0]["code"]: part["valueQuantity"]["value"]
            for part in one["component"]
        }
        if "8480-6" in parts and "8462-4" in parts:
            pairs.append((parts["8480-6"], parts["8462-4"]))
    return pairs


def booked(patient):
    found = every("Appointment", patient=patient["id"], status="booked", date=f"gt{NOW}")
    return sorted(found, key=lambda one: time(one["start"]))


def done(code):
    return every("Procedure", code=f"http://snomed.info/sct|{code}", status="completed")
