-- What the usual questions look up: a patient's stays, a stay's events, a concept's events.

create index demographic_subject on demographic (subject_id, admittime);
create index demographic_name on demographic (name);
create index diagnoses_hadm on diagnoses (hadm_id);
create index diagnoses_code on diagnoses (icd9_code, hadm_id);
create index diagnoses_short on diagnoses (short_title, hadm_id);
create index diagnoses_long on diagnoses (long_title, hadm_id);
create index procedures_hadm on procedures (hadm_id);
create index procedures_code on procedures (icd9_code, hadm_id);
create index procedures_short on procedures (short_title, hadm_id);
create index procedures_long on procedures (long_title, hadm_id);
create index prescriptions_hadm on prescriptions (hadm_id);
create index prescriptions_drug on prescriptions (drug, hadm_id);
create index prescriptions_code on prescriptions (formulary_drug_cd, hadm_id);
create index prescriptions_route on prescriptions (route, hadm_id);
create index lab_hadm on lab (hadm_id, label);
create index lab_label on lab (label, hadm_id);
create index lab_item on lab (itemid, hadm_id);
create index lab_category on lab (category, hadm_id);
create index lab_fluid on lab (fluid, hadm_id);
