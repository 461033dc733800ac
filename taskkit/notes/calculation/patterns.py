"""What the extractor looks for: its own patterns, not the writer's words."""

from __future__ import annotations

import re
from collections.abc import Mapping


def sought(text: str) -> re.Pattern[str]:
    """Compile a pattern that minds no case."""
    return re.compile(text, re.IGNORECASE)


RELATIVE = sought(
    r"\b(fathers?|mothers?|brothers?|sisters?|uncles?|aunts?|grandparents?|siblings|relatives)\b"
)
NEGATION = sought(r"(^|\W)(no|not|never|without|denies|negative for)\b")
DRUGS = re.compile(
    r"(?P<drug>codeine|fentanyl buccal|hydrocodone|hydromorphone|methadone|morphine|oxycodone"
    r"|oxymorphone|tapentadol|tramadol) (?P<dose>\d+(?:\.\d+)?) (?:mg|µg), "
    r"(?:once a day|(?P<times>\d+) times a day)"
)

UNITS: Mapping[str, str] = {
    "kg": "kg",
    "lb": "lb",
    "cm": "cm",
    "m": "m",
    "inches": "in",
    "kg/m2": "kg/m2",
    "°C": "Cel",
    "°F": "[degF]",
    "per minute": "/min",
    "mmHg": "mm[Hg]",
    "kPa": "kPa",
    "ms": "ms",
    "s": "s",
    "%": "%",
    "mmol/L": "mmol/L",
    "mEq/L": "meq/L",
    "mg/dL": "mg/dL",
    "µmol/L": "umol/L",
    "g/dL": "g/dL",
    "g/L": "g/L",
    "U/L": "U/L",
    "µIU/mL": "u[IU]/mL",
    "pmol/L": "pmol/L",
    "x10^9/L": "10*9/L",
    "/µL": "/uL",
    "mL": "mL/d",
    "µg/kg/min": "ug/kg/min",
    "days": "d",
    "mg": "mg",
}
"""UCUM code of a unit as notes write it."""

MEASURES: Mapping[str, str] = {
    "weight": r"weight",
    "height": r"height",
    "body_mass_index": r"body mass index|BMI",
    "temperature": r"temperature",
    "heart_rate": r"(?:heart|pulse) rate",
    "respiratory_rate": r"respiratory rate",
    "mean_arterial_pressure": r"mean arterial pressure",
    "qt": r"QT interval",
    "oxygen_saturation": r"oxygen saturation|SpO2",
    "inspired_oxygen": r"inspired oxygen fraction|FiO2",
    "arterial_oxygen": r"arterial oxygen tension|PaO2",
    "arterial_carbon_dioxide": r"carbon dioxide tension|PaCO2",
    "oxygen_gradient": r"oxygen gradient|A-a gradient",
    "ph": r"pH",
    "coma_score": r"coma scale score|GCS total",
    "sodium": r"(?<!urine )(?<!urinary )sodium",
    "potassium": r"potassium",
    "chloride": r"chloride",
    "bicarbonate": r"bicarbonate",
    "calcium": r"calcium",
    "creatinine": r"(?<!urine )(?<!urinary )creatinine",
    "urea_nitrogen": r"urea nitrogen|BUN",
    "glucose": r"glucose",
    "albumin": r"albumin",
    "bilirubin": r"bilirubin",
    "inr": r"INR|normali[sz]ed ratio",
    "aspartate_transaminase": r"AST|aspartate transaminase",
    "alanine_transaminase": r"ALT|alanine transaminase",
    "insulin": r"insulin",
    "cholesterol": r"total cholesterol",
    "hdl_cholesterol": r"HDL cholesterol",
    "triglycerides": r"triglycerides",
    "platelets": r"platelet count|platelets",
    "white_cells": r"white cell count|leukocyte count",
    "haemoglobin": r"ha?emoglobin|Hb",
    "haematocrit": r"ha?ematocrit",
    "urine_sodium": r"(?:urine|urinary) sodium",
    "urine_creatinine": r"(?:urine|urinary) creatinine",
    "urine_output": r"urine output(?: over 24 hours)?",
    "dopamine": r"dopamine infusion",
    "dobutamine": r"dobutamine infusion",
    "adrenaline": r"(?<!nor)(?:epinephrine|adrenaline) infusion",
    "noradrenaline": r"(?:norepinephrine|noradrenaline) infusion",
    "drinks": r"alcoholic drinks(?: a week)?",
    "cycle_length": r"cycle length",
}

SIGNS: Mapping[str, re.Pattern[str]] = {
    name: sought(text)
    for name, text in {
        "heart_failure": r"heart failure",
        "hypertension": r"hypertension|high blood pressure",
        "diabetes": r"diabetes",
        "stroke": r"stroke",
        "transient_ischaemic_attack": r"transient ischa?emic|\bTIA\b",
        "thromboembolism": r"arterial embolism",
        "vascular_disease": r"peripheral arterial|aortic plaque",
        "renal_disease": r"(kidney|renal) disease on dialysis",
        "liver_disease": r"cirrhosis",
        "bleeding": r"major bleeding",
        "labile_inr": r"labile",
        "medication": r"aspirin|NSAID",
        "ischaemic_heart_disease": r"ischa?emic heart",
        "cerebrovascular_disease": r"cerebrovascular",
        "hypercholesterolaemia": r"hypercholesterol",
        "obesity": r"obesity",
        "smoking": r"smoking",
        "atherosclerotic_disease": r"atheroscler",
        "neoplasm": r"cancer|neoplasm",
        "altered_mental_status": r"mental status",
        "pleural_effusion": r"effusion",
        "melaena": r"mela?ena|tarry",
        "syncope": r"syncope",
        "cough_absent": r"cough",
        "tender_nodes": r"nodes",
        "tonsil_exudate": r"exudate",
        "fever_in_24_hours": r"fever",
        "cough_and_coryza_absent": r"cough or coryza",
        "purulent_tonsils": r"purulent|\bpus\b",
        "severe_inflammation": r"severely inflamed|severe tonsillar",
        "signs_of_thrombosis": r"signs of deep vein",
        "immobilised": r"immobili[sz]ation",
        "recent_surgery": r"surgery|operation",
        "previous_embolism": r"(previous|earlier) pulmonary embolism",
        "previous_thrombosis": r"(previous|earlier) deep vein thrombosis",
        "haemoptysis": r"ha?emoptysis|coughing up",
        "malignancy": r"malignancy",
        "active_cancer": r"cancer",
        "bedridden": r"bed rest for|confinement to bed",
        "major_surgery": r"major surgery",
        "calf_swelling": r"\bcalf\b",
        "collateral_veins": r"collateral",
        "whole_leg_swollen": r"entire leg",
        "deep_vein_tenderness": r"tenderness",
        "pitting_oedema": r"pitting",
        "paralysis_or_plaster": r"plaster|paresis",
        "leg_swelling": r"leg swelling",
        "recent_surgery_or_trauma": r"surgery|trauma",
        "hormones": r"o?estrogen",
        "recent_major_surgery": r"major operation",
        "sepsis": r"sepsis",
        "pneumonia": r"pneumonia",
        "varicose_veins": r"varicose",
        "swollen_legs": r"swollen legs",
        "inflammatory_bowel_disease": r"bowel disease|crohn",
        "myocardial_infarction": r"infarction|heart attack",
        "chronic_lung_disease": r"COPD|lung disease",
        "pregnancy": r"\b(current|ongoing) pregnancy",
        "pregnancy_loss": r"pregnancy loss|stillbirth",
        "plaster_cast": r"plaster",
        "central_line": r"central venous",
        "factor_v_leiden": r"leiden",
        "prothrombin_20210a": r"prothrombin",
        "homocysteine": r"homocysteine",
        "lupus_anticoagulant": r"lupus anticoagulant",
        "anticardiolipin": r"anticardiolipin",
        "heparin_thrombocytopenia": r"heparin",
        "other_thrombophilia": r"protein [cs] deficiency",
        "fracture": r"fracture",
        "multiple_trauma": r"trauma",
        "spinal_cord_injury": r"spinal cord",
        "peripheral_vascular_disease": r"peripheral vascular|claudication",
        "dementia": r"dementia",
        "connective_tissue_disease": r"connective tissue|lupus erythematosus",
        "peptic_ulcer": r"peptic",
        "hemiplegia": r"hemiplegia",
        "kidney_disease": r"kidney disease",
        "leukaemia": r"leuka?emia",
        "lymphoma": r"lymphoma",
        "aids": r"\bAIDS\b",
        "treated": r"antihypertensive|medication for blood pressure",
        "smoker": r"smoking",
        "confusion": r"confusion",
        "dialysis": r"dialysis",
        "acute_renal_failure": r"acute renal failure",
        "chronic_failure": r"organ failure|immunocompromise",
    }.items()
}
"""What names a finding."""
OPPOSITES = {"cough_absent", "cough_and_coryza_absent"}
"""Findings whose sign is what is then missing."""

STATED: Mapping[str, tuple[re.Pattern[str], re.Pattern[str]]] = {
    name: (sought(yes), sought(no))
    for name, (yes, no) in {
        "high_risk_surgery": (r"aortic repair|intrathoracic", r"skin excision|cataract"),
        "insulin": (r"with insulin|insulin is injected", r"no insulin|without insulin"),
        "family_history": (
            r"family history(:| is) positive",
            r"family history(:| is) negative",
        ),
        "nursing_home": (r"nursing home", r"own apartment|at home with"),
        "onset_within_3_days": (r"2 days ago|yesterday", r"6 days ago|week ago"),
        "embolism_most_likely": (
            r"embolism (is judged the most|to be the leading)",
            r"more likely than pulmonary|pneumonia to be the leading",
        ),
        "alternative_as_likely": (
            r"at least as likely as deep",
            r"thrombosis is (the likeliest|more likely)",
        ),
        "black": (r"race: black|as black", r"race: white|as asian"),
        "supported": (r"mechanical(ly)? ventilat", r"(without|no) respiratory support"),
    }.items()
}
"""What says that a finding is there, and what that it is not, where each is a sentence."""

CHOICES: Mapping[str, Mapping[str, re.Pattern[str]]] = {
    name: {word: sought(text) for word, text in of.items()}
    for name, of in {
        "eye": {
            "spontaneous": r"open spontaneously|spontaneous eye",
            "to voice": r"open to voice|verbal command",
            "to pain": r"open to pain|opening on painful",
            "none": r"do not open|absent eye",
        },
        "verbal": {
            "oriented": r"oriented",
            "confused": r"confused",
            "inappropriate words": r"inappropriate",
            "incomprehensible sounds": r"incomprehensible",
            "none": r"no sound|verbal response is absent",
        },
        "motor": {
            "obeys commands": r"obeys|moves limbs on command",
            "localises pain": r"locali[sz]es",
            "withdraws from pain": r"withdraw",
            "flexion to pain": r"abnormal flexion|decorticate",
            "extension to pain": r"extension to|decerebrate",
            "none": r"no movement|motor response is absent",
        },
        "ascites": {
            "absent": r"ascites is absent|no ascites",
            "slight": r"slight ascites",
            "moderate to severe": r"(moderate|severe) ascites",
        },
        "encephalopathy": {
            "none": r"encephalopathy is absent|no encephalopathy",
            "grade 1-2": r"encephalopathy is (of )?grade [12]",
            "grade 3-4": r"encephalopathy is (of )?grade [34]",
        },
        "suspicion": {
            "slight": r"slightly suspicious",
            "moderate": r"moderately suspicious",
            "high": r"highly suspicious",
        },
        "electrocardiogram": {
            "normal": r"ECG is normal|normal electrocardiogram",
            "nonspecific repolarisation": r"repolari[sz]ation",
            "significant ST deviation": r"significant ST",
        },
        "troponin": {
            "normal": r"within the normal|troponin is normal",
            "up to 3 times the limit": r"(twice|2\.5 times) the normal",
            "above 3 times the limit": r"(five|4\.5) times the normal",
        },
        "liver_disease": {
            "none": r"liver disease is absent|no liver disease",
            "mild": r"mild liver",
            "moderate to severe": r"(moderate|severe) liver",
        },
        "diabetes": {
            "none or diet-controlled": r"diabetes is absent|diet alone",
            "uncomplicated": r"uncomplicated",
            "end-organ damage": r"end-organ",
        },
        "solid_tumour": {
            "none": r"never been found|no solid tumou?r",
            "localised": r"locali[sz]ed solid|is locali[sz]ed",
            "metastatic": r"metastatic",
        },
        "surgery": {
            "none": r"no operation is planned|none planned",
            "minor": r"minor (procedure|operation)",
            "major": r"major open",
            "laparoscopic": r"laparoscopic",
            "arthroscopic": r"arthroscopic",
            "arthroplasty": r"arthroplasty",
        },
        "mobility": {
            "normal": r"walks freely|mobility is normal",
            "bed rest": r"on bed rest since",
            "bed above 72 h": r"confined to bed for",
        },
        "admission": {
            "nonoperative": r"nonoperative",
            "emergency surgery": r"emergency surgery",
            "elective surgery": r"elective surgery",
        },
    }.items()
}
"""What says each grade."""
