-- What the usual questions look up: a patient's stays, a stay's events, a concept's events.

create index patient_person on patient (uniquepid, hospitaladmittime);
create index patient_stay on patient (patienthealthsystemstayid);
create index patient_hospitaldischarge on patient (hospitaldischargetime, uniquepid);
create index patient_unitdischarge on patient (unitdischargetime, uniquepid);
create index diagnosis_stay on diagnosis (patientunitstayid, diagnosisname, diagnosistime);
create index diagnosis_name on diagnosis (diagnosisname, patientunitstayid, diagnosistime);
create index treatment_stay on treatment (patientunitstayid, treatmentname, treatmenttime);
create index treatment_name on treatment (treatmentname, patientunitstayid, treatmenttime);
create index lab_stay on lab (patientunitstayid, labname, labresulttime);
create index lab_name on lab (labname, patientunitstayid, labresulttime);
create index medication_stay on medication (patientunitstayid, drugstarttime);
create index medication_drug on medication (drugname, patientunitstayid, drugstarttime);
create index allergy_stay on allergy (patientunitstayid);
create index intakeoutput_stay on intakeoutput (patientunitstayid, celllabel, intakeoutputtime);
create index intakeoutput_label on intakeoutput (celllabel, patientunitstayid, intakeoutputtime);
create index microlab_stay on microlab (patientunitstayid, culturetakentime);
create index microlab_site on microlab (culturesite, patientunitstayid);
create index vitalperiodic_stay on vitalperiodic (patientunitstayid, observationtime);

-- eventid first: a query that joins an event must not start from all costs of its type.
create index cost_event on cost (eventid, eventtype, cost);
create index cost_time on cost (chargetime, uniquepid, cost);
create index cost_stay on cost (patienthealthsystemstayid, chargetime, cost);
create index cost_person on cost (uniquepid, chargetime, cost);
