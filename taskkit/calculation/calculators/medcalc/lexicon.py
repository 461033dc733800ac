"""The names MedCalc-Bench gives to entities, choices, drugs and units, beside ours.

Keys are in lower case, with subscripts and signs as plain characters; misspellings are the
data set's.
"""

from __future__ import annotations

from collections.abc import Mapping

MEASURES: Mapping[str, str] = {
    "age": "age",
    "sex": "sex",
    "race": "black",
    "weight": "weight",
    "height": "height",
    "body mass index (bmi)": "body_mass_index",
    "heart rate or pulse": "heart_rate",
    "respiratory rate": "respiratory_rate",
    "systolic blood pressure": "systolic",
    "mean arterial pressure": "mean_arterial_pressure",
    "diastolic blood pressure": "diastolic",
    "temperature": "temperature",
    "qt interval": "qt",
    "o2 saturation percentage": "oxygen_saturation",
    "fio2": "inspired_oxygen",
    "pao2": "arterial_oxygen",
    "partial pressure of oxygen": "arterial_oxygen",
    "partial pressure of oxygen (pao2) for apache ii": "arterial_oxygen",
    "paco2": "arterial_carbon_dioxide",
    "a-a gradient": "oxygen_gradient",
    "ph": "ph",
    "glasgow coma score": "coma_score",
    "sodium": "sodium",
    "potassium": "potassium",
    "chloride": "chloride",
    "bicarbonate": "bicarbonate",
    "calcium": "calcium",
    "creatinine": "creatinine",
    "pre-operative creatinine": "creatinine",
    "blood urea nitrogen (bun)": "urea_nitrogen",
    "glucose": "glucose",
    "albumin": "albumin",
    "bilirubin": "bilirubin",
    "international normalized ratio": "inr",
    "aspartate aminotransferase": "aspartate_transaminase",
    "alanine aminotransferase": "alanine_transaminase",
    "insulin": "insulin",
    "total cholesterol": "cholesterol",
    "high-density lipoprotein cholesterol": "hdl_cholesterol",
    "triglycerides": "triglycerides",
    "platelet count": "platelets",
    "white blood cell count": "white_cells",
    "hemoglobin": "haemoglobin",
    "hematocrit": "haematocrit",
    "urine sodium": "urine_sodium",
    "urine creatinine": "urine_creatinine",
    "urine output": "urine_output",
    "dopamine": "dopamine",
    "dobutamine": "dobutamine",
    "epinephrine": "adrenaline",
    "norepinephrine": "noradrenaline",
    "number of alcoholic drinks per week": "drinks",
    "last menstrual date": "last_period",
    "cycle length": "cycle_length",
    "current date": "today",
}
"""Entities with a value; the same in every calculator."""

FINDINGS: Mapping[str, str] = {
    "congestive heart faliure": "heart_failure",
    "congestive heart failure": "heart_failure",
    "congestive heart failure in the last month": "heart_failure",
    "congestive heart failure criteria for the cardiac risk index rule": "heart_failure",
    "cardiac failure present": "heart_failure",
    "hypertension": "hypertension",
    "hypertension history": "hypertension",
    "diabetes history": "diabetes",
    "diabetes mellitus": "diabetes",
    "diabetes mellitus criteria for cci rule": "diabetes",
    "stroke": "stroke",
    "stroke in the last month": "stroke",
    "cerebrovascular accident": "stroke",
    "transient ischemic attacks history": "transient_ischaemic_attack",
    "thromboembolism history": "thromboembolism",
    "vascular disease history": "vascular_disease",
    "cerebrovascular disease history": "cerebrovascular_disease",
    "history of cerebrovascular disease": "cerebrovascular_disease",
    "renal disease criteria for the has-bled rule": "renal_disease",
    "renal disease": "renal_disease",
    "renal disease history": "renal_disease",
    "liver disease criteria for the has-bled rule": "liver_disease",
    "hepatic disease history": "liver_disease",
    "liver disease history": "liver_disease",
    "liver disease severity": "liver_disease",
    "prior major bleeding or predisposition to bleeding": "bleeding",
    "labile international normalized ratio": "labile_inr",
    "medication usage predisposing to bleeding": "medication",
    "elevated-risk surgery": "high_risk_surgery",
    "history of ischemic heart disease": "ischaemic_heart_disease",
    "pre-operative treatment with insulin": "insulin",
    "hypercholesterolemia": "hypercholesterolaemia",
    "obesity": "obesity",
    "smoking": "smoking",
    "smoker": "smoker",
    "blood pressure being treated with medicines": "treated",
    "parent or sibling with cardiovascular disease before age 65": "family_history",
    "family history of thrombosis": "family_history",
    "atherosclerotic disease": "atherosclerotic_disease",
    "suspicion history": "suspicion",
    "electrocardiogram test": "electrocardiogram",
    "initial troponin": "troponin",
    "ascites": "ascites",
    "encephalopathy": "encephalopathy",
    "recent syncope": "syncope",
    "melena present": "melaena",
    "clinical signs and symptoms of deep vein thrombosis": "signs_of_thrombosis",
    "pulmonary embolism is #1 diagnosis or equally likely": "embolism_most_likely",
    "immobilization for at least 3 days": "immobilised",
    "surgery in the previous 4 weeks": "recent_surgery",
    "previously documented pulmonary embolism": "previous_embolism",
    "previously documented deep vein thrombosis": "previous_thrombosis",
    "hemoptysis": "haemoptysis",
    "malignancy with treatment within 6 months or palliative": "malignancy",
    "present or previous malignancy": "malignancy",
    "active cancer": "active_cancer",
    "bedridden recently >3 days": "bedridden",
    "bedridden recently >3 days or major surgery within 12 weeks": "bedridden",
    "major surgery within 12 weeks": "major_surgery",
    "calf swelling >3 centimeters compared to the other leg": "calf_swelling",
    "collateral (nonvaricose) superficial veins present": "collateral_veins",
    "entire leg swollen": "whole_leg_swollen",
    "localized tenderness along the deep venous system": "deep_vein_tenderness",
    "pitting edema, confined to symptomatic leg": "pitting_oedema",
    "paralysis, paresis, or recent plaster immobilization of the lower extremity": (
        "paralysis_or_plaster"
    ),
    "alternative diagnosis to deep vein thrombosis as likely or more likely": (
        "alternative_as_likely"
    ),
    "unilateral leg swelling": "leg_swelling",
    "recent surgery or trauma": "recent_surgery_or_trauma",
    "hormone use": "hormones",
    "surgery type": "surgery",
    "mobility": "mobility",
    "major surgery in the last month": "recent_major_surgery",
    "sepsis in the last month": "sepsis",
    "pneumonia in the last month": "pneumonia",
    "immobilizing plaster cast in the last month": "plaster_cast",
    "hip, pelvis, or leg fracture in the last month": "fracture",
    "multiple trauma in the last month": "multiple_trauma",
    "acute spinal cord injury causing paralysis in the last month": "spinal_cord_injury",
    "varicose veins": "varicose_veins",
    "current swollen legs": "swollen_legs",
    "current central venous access": "central_line",
    "positive factor v leiden": "factor_v_leiden",
    "positive prothrombin 20210a": "prothrombin_20210a",
    "elevated serum homocysteine": "homocysteine",
    "positive lupus anticoagulant": "lupus_anticoagulant",
    "elevated anticardiolipin antibody": "anticardiolipin",
    "heparin-induced thrombocytopenia": "heparin_thrombocytopenia",
    "other congenital or acquired thrombophilia": "other_thrombophilia",
    "history of inflammatory bowel disease": "inflammatory_bowel_disease",
    "acute myocardial infarction": "myocardial_infarction",
    "myocardial infarction": "myocardial_infarction",
    "chronic obstructive pulmonary disease": "chronic_lung_disease",
    "chronic pulmonary disease": "chronic_lung_disease",
    "peripheral vascular disease": "peripheral_vascular_disease",
    "dementia": "dementia",
    "connective tissue disease": "connective_tissue_disease",
    "peptic ulcer disease": "peptic_ulcer",
    "hemiplegia": "hemiplegia",
    "moderate to severe chronic kidney disease": "kidney_disease",
    "leukemia": "leukaemia",
    "lymphoma": "lymphoma",
    "aids": "aids",
    "solid tumor": "solid_tumour",
    "nursing home resident": "nursing_home",
    "neoplastic disease": "neoplasm",
    "altered mental status": "altered_mental_status",
    "pleural effusion on x-ray": "pleural_effusion",
    "confusion": "confusion",
    "cough absent": "cough_absent",
    "tender/swollen anterior cervical lymph nodes": "tender_nodes",
    "exudate or swelling on tonsils": "tonsil_exudate",
    "fever in past 24 hours": "fever_in_24_hours",
    "absence of cough or coryza": "cough_and_coryza_absent",
    "symptom onset <=3 days": "onset_within_3_days",
    "purulent tonsils": "purulent_tonsils",
    "severe tonsil inflammation": "severe_inflammation",
    "best eye response": "eye",
    "best verbal response": "verbal",
    "best motor response": "motor",
    "acute renal failure": "acute_renal_failure",
    "history of severe organ failure or immunocompromise": "chronic_failure",
    "dialysis at least twice in the past week": "dialysis",
    "continuous veno-venous hemodialysis for >=24 hours in the past week": "dialysis",
    "on mechanical ventilation": "supported",
    "continous positive airway pressure": "supported",
    "continuous positive airway pressure": "supported",
}
"""Entities that are there, or not, or graded in words."""

HYPOTENSION = "hypotension"
"""Said in place of a pressure."""
HYPOTENSIVE = 65.0  # mmHg; SOFA calls a mean pressure below 70 hypotension
NORMAL = 90.0  # mmHg; what APACHE II gives no points for, and SOFA none either
UNKNOWN = frozenset(
    [
        *("", "n/a", "na", "nan", "unknown", "not known", "not measured", "not available"),
        *("not documented", "not given", "not mentioned", "not provided", "not reported"),
    ]
)
"""What stands for a value that nobody knows: it is as if it were not mentioned."""

HERE: Mapping[int, Mapping[str, str]] = {
    18: {"transient ischemic attacks history": "atherosclerotic_disease"},
    28: {"surgery type": "admission"},
    68: {"cycle length": ""},
    43: {
        "continuous veno-venous hemodialysis for >=24 hours in the past week": "",
        "hypotension": "",  # taken for a pressure that is not given
    },
}
"""Entities with another meaning, or none (""), in one calculator, by its number."""

UNUSED = frozenset(
    {
        "chronic renal failure",
        "altered mental status for pecarn head injury criteria",
        "occipital, parietal or temporal scalp hematoma; history of level of conciousness (loc) "
        ">=5 sec; not acting normally per parent or severe mechanism of injury?",
    }
)
"""Entities that no calculator takes: chronic renal failure only keeps the acute from doubling."""

UNMENTIONED: Mapping[int, Mapping[str, str | float]] = {
    15: {"ascites": "absent", "encephalopathy": "none"},
    18: {"electrocardiogram": "normal", "troponin": "normal"},
    28: {"mean_arterial_pressure": NORMAL},  # APACHE II takes what was not measured for normal
    36: {"body_mass_index": 22.0},  # an item that is not mentioned has no point
}
"""What a row means that does not mention a graded finding or a value, by calculator."""

ABSENCES: Mapping[int, str] = {20: "cough_absent", 33: "cough_and_coryza_absent"}
"""The finding that a row has which does not mention the cough, by calculator."""

WORDS: Mapping[str, str] = {
    "slightly suspicious": "slight",
    "moderately suspicious": "moderate",
    "highly suspicious": "high",
    "non-specific repolarization disturbance": "nonspecific repolarisation",
    "significant st deviation": "significant ST deviation",
    "less than or equal to normal limit": "normal",
    "between the normal limit or up to three times the normal limit": "up to 3 times the limit",
    "greater than three times normal limit": "above 3 times the limit",
    "no encephalopathy": "none",
    "grade 0": "none",
    "eyes open spontaneously": "spontaneous",
    "eye opening to verbal command": "to voice",
    "eye opening to pain": "to pain",
    "no eye opening": "none",
    "no verbal response": "none",
    "localizes pain": "localises pain",
    "withdrawal from pain": "withdraws from pain",
    "no motor response": "none",
    "elective major lower extremity arthroplasty": "arthroplasty",
    "on bed rest": "bed rest",
    "confined to bed >72 hours": "bed above 72 h",
    "mild": "slight",
    "moderate": "moderate to severe",
    "severe": "moderate to severe",
    "localized": "localised",
    "true": "localised",
    "false": "none",
    "none or diet-controlled": "none or diet-controlled",
    "elective": "elective surgery",
    "emergency": "emergency surgery",
}
"""Graded findings; a word that is a choice of the input already is left as it is."""

SPELLINGS: Mapping[str, str] = {
    "degrees celsius": "Cel",
    "degrees celsisus": "Cel",
    "degrees fahrenheit": "[degF]",
    "degrees fahreinheit": "[degF]",
    "s mm hg": "mm[Hg]",
    "mm hg": "mm[Hg]",
    "mmhg": "mm[Hg]",
    "mc/kg/min": "ug/kg/min",
    "mcg/kg/min": "ug/kg/min",
}
"""Units that only the data set spells so."""

CELLS: Mapping[str, str] = {
    **{"µl": "/uL", "mm^3": "/uL", "m^3": "/uL", "l": "/L", "ml": "/mL"},
    **{
        f"{times}/{volume}": "10*3/uL"
        for times in ("k", "10^3", "10*3", "x10^3", "x 10^3", "10e3", "thousand", "thousands")
        for volume in ("ul", "µl", "mm3", "mm^3")
    },
    **{f"{times}/l": "10*9/L" for times in ("g", "10^9", "x10^9", "x 10^9", "10e9", "billion")},
}
"""Units of cell counts, some without "per"; the data set's m^3 is a slip for mm^3."""
