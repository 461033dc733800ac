-- What the usual questions look up: a patient's stays, a stay's events, a concept's events.

create index admissions_subject on admissions (subject_id, admittime);
create index admissions_dischtime on admissions (dischtime, subject_id);
create index d_icd_diagnoses_title on d_icd_diagnoses (long_title);
create index d_icd_procedures_title on d_icd_procedures (long_title);
create index d_labitems_label on d_labitems (label);
create index d_items_label on d_items (label);
create index icustays_hadm on icustays (hadm_id);
create index icustays_subject on icustays (subject_id);
create index transfers_hadm on transfers (hadm_id);
create index transfers_subject on transfers (subject_id);
create index diagnoses_icd_hadm on diagnoses_icd (hadm_id, icd_code, charttime);
create index diagnoses_icd_code on diagnoses_icd (icd_code, hadm_id, charttime);
create index procedures_icd_hadm on procedures_icd (hadm_id, icd_code, charttime);
create index procedures_icd_code on procedures_icd (icd_code, hadm_id, charttime);
create index labevents_hadm on labevents (hadm_id, itemid, charttime);
create index labevents_subject on labevents (subject_id, itemid, charttime);
create index labevents_item on labevents (itemid, hadm_id, charttime);
create index prescriptions_hadm on prescriptions (hadm_id, starttime);
create index prescriptions_subject on prescriptions (subject_id, starttime);
create index prescriptions_drug on prescriptions (drug, hadm_id, starttime);
create index chartevents_stay on chartevents (stay_id, itemid, charttime);
create index inputevents_stay on inputevents (stay_id, itemid, starttime);
create index inputevents_item on inputevents (itemid, stay_id, starttime);
create index outputevents_stay on outputevents (stay_id, itemid, charttime);
create index outputevents_item on outputevents (itemid, stay_id, charttime);
create index microbiologyevents_hadm on microbiologyevents (hadm_id, charttime);
create index microbiologyevents_specimen on microbiologyevents (spec_type_desc, hadm_id, charttime);
create index microbiologyevents_organism on microbiologyevents (org_name, hadm_id, charttime);

-- event_id first: a query that joins an event must not start from all costs of its type.
create index cost_event on cost (event_id, event_type, cost);
create index cost_time on cost (chargetime, subject_id, cost);
create index cost_hadm on cost (hadm_id, chargetime, cost);
