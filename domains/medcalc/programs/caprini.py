total = 3 if age >= 75 else 2 if age >= 61 else 1 if age >= 41 else 0
total += 1 if body_mass_index > 25 else 0
if surgery == "minor":
    total += 1
elif surgery == "arthroplasty":
    total += 5
elif surgery != "none":
    total += 2
total += {"normal": 0, "bed rest": 1, "bed above 72 h": 2}[mobility]
if "previous_thrombosis" in findings or "previous_embolism" in findings:
    total += 3
twos = {"plaster_cast", "central_line", "malignancy"}
fives = {"fracture", "stroke", "multiple_trauma", "spinal_cord_injury"}
threes = {
    "family_history",
    "factor_v_leiden",
    "prothrombin_20210a",
    "homocysteine",
    "lupus_anticoagulant",
    "anticardiolipin",
    "heparin_thrombocytopenia",
    "other_thrombophilia",
}
for name in findings - {"previous_thrombosis", "previous_embolism"}:
    total += 2 if name in twos else 5 if name in fives else 3 if name in threes else 1
answer = total
