-- The eICU tables of EHRSQL (Lee et al., NeurIPS 2022), in SQLite's types.
-- Times are text, 'YYYY-MM-DD HH:MM:SS'. All other text is lower case.

create table patient (
    uniquepid text not null,
    patienthealthsystemstayid integer not null,
    patientunitstayid integer primary key,
    gender text not null,
    age text not null,
    ethnicity text,
    hospitalid integer not null,
    wardid integer not null,
    admissionheight real,
    admissionweight real,
    dischargeweight real,
    hospitaladmittime text not null,
    hospitaladmitsource text not null,
    unitadmittime text not null,
    unitdischargetime text,
    hospitaldischargetime text,
    hospitaldischargestatus text
);

create table diagnosis (
    diagnosisid integer primary key,
    patientunitstayid integer not null references patient (patientunitstayid),
    diagnosisname text not null,
    diagnosistime text not null,
    icd9code text
);

create table treatment (
    treatmentid integer primary key,
    patientunitstayid integer not null references patient (patientunitstayid),
    treatmentname text not null,
    treatmenttime text not null
);

create table lab (
    labid integer primary key,
    patientunitstayid integer not null references patient (patientunitstayid),
    labname text not null,
    labresult real not null,
    labresulttime text not null
);

create table medication (
    medicationid integer primary key,
    patientunitstayid integer not null references patient (patientunitstayid),
    drugname text not null,
    dosage text not null,
    routeadmin text not null,
    drugstarttime text,
    drugstoptime text
);

-- eventid is the key of an event in the table that eventtype names:
-- diagnosis, treatment, lab or medication.
create table cost (
    costid integer primary key,
    uniquepid text not null,
    patienthealthsystemstayid integer not null,
    eventtype text not null,
    eventid integer not null,
    chargetime text not null,
    cost real not null
);

create table allergy (
    allergyid integer primary key,
    patientunitstayid integer not null references patient (patientunitstayid),
    drugname text,
    allergyname text not null,
    allergytime text not null
);

create table intakeoutput (
    intakeoutputid integer primary key,
    patientunitstayid integer not null references patient (patientunitstayid),
    cellpath text not null,
    celllabel text not null,
    cellvaluenumeric real not null,
    intakeoutputtime text not null
);

create table microlab (
    microlabid integer primary key,
    patientunitstayid integer not null references patient (patientunitstayid),
    culturesite text not null,
    organism text not null,
    culturetakentime text not null
);

create table vitalperiodic (
    vitalperiodicid integer primary key,
    patientunitstayid integer not null references patient (patientunitstayid),
    temperature real,
    sao2 integer,
    heartrate integer,
    respiration integer,
    systemicsystolic integer,
    systemicdiastolic integer,
    systemicmean integer,
    observationtime text not null
);
