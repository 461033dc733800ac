total = min(4, max(0, (int(age) - 40) // 10))
total += 1 if findings & {"stroke", "transient_ischaemic_attack"} else 0
for name in (
    "myocardial_infarction",
    "heart_failure",
    "peripheral_vascular_disease",
    "dementia",
    "chronic_lung_disease",
    "connective_tissue_disease",
    "peptic_ulcer",
):
    total += 1 if name in findings else 0
for name in ("hemiplegia", "kidney_disease", "leukaemia", "lymphoma"):
    total += 2 if name in findings else 0
total += 6 if "aids" in findings else 0
total += {"none": 0, "mild": 1, "moderate to severe": 3}[liver_disease]
total += {"none or diet-controlled": 0, "uncomplicated": 1, "end-organ damage": 2}[diabetes]
total += {"none": 0, "localised": 2, "metastatic": 6}[solid_tumour]
answer = total
