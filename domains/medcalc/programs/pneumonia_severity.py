total = int(age) if sex == "male" else int(age) - 10
worth = {
    "nursing_home": 10,
    "neoplasm": 30,
    "liver_disease": 20,
    "heart_failure": 10,
    "cerebrovascular_disease": 10,
    "renal_disease": 10,
    "altered_mental_status": 20,
    "pleural_effusion": 10,
}
total += sum(worth[name] for name in findings)
total += 10 if heart_rate >= 125 else 0
total += 20 if respiratory_rate >= 30 else 0
total += 20 if systolic < 90 else 0
total += 0 if 35 <= temperature < 40 else 15
total += 30 if ph is not None and ph < 7.35 else 0
total += 10 if arterial_oxygen is not None and arterial_oxygen < 60 else 0
total += 20 if urea_nitrogen is not None and urea_nitrogen >= 30 else 0
total += 20 if sodium is not None and sodium < 130 else 0
total += 10 if glucose is not None and glucose >= 250 else 0
total += 10 if haematocrit is not None and haematocrit < 30 else 0
answer = total
