-- The MIMIC-IV tables of EHRSQL-2024 (Lee et al., 2024), in SQLite's types.
-- Times are text, 'YYYY-MM-DD HH:MM:SS'. All other text is lower case.

create table patients (
    row_id integer primary key,
    subject_id integer not null unique,
    gender text not null,
    dob text not null,
    dod text
);

create table admissions (
    row_id integer primary key,
    subject_id integer not null references patients (subject_id),
    hadm_id integer not null unique,
    admittime text not null,
    dischtime text,
    admission_type text not null,
    admission_location text,
    discharge_location text,
    insurance text,
    language text,
    marital_status text,
    age integer not null
);

-- icd_code is the version and the code, as in 'icd9|4139' and 'icd10|i10'.
create table d_icd_diagnoses (
    row_id integer primary key,
    icd_code text not null unique,
    long_title text not null
);

create table d_icd_procedures (
    row_id integer primary key,
    icd_code text not null unique,
    long_title text not null
);

create table d_labitems (
    row_id integer primary key,
    itemid integer not null unique,
    label text
);

create table d_items (
    row_id integer primary key,
    itemid integer not null unique,
    label text not null,
    abbreviation text not null,
    linksto text not null
);

create table icustays (
    row_id integer primary key,
    subject_id integer not null,
    hadm_id integer not null references admissions (hadm_id),
    stay_id integer not null unique,
    first_careunit text not null,
    last_careunit text not null,
    intime text not null,
    outtime text
);

create table transfers (
    row_id integer primary key,
    subject_id integer not null,
    hadm_id integer not null references admissions (hadm_id),
    transfer_id integer not null,
    eventtype text not null,
    careunit text,
    intime text not null,
    outtime text
);

create table diagnoses_icd (
    row_id integer primary key,
    subject_id integer not null,
    hadm_id integer not null references admissions (hadm_id),
    icd_code text not null references d_icd_diagnoses (icd_code),
    charttime text not null
);

create table procedures_icd (
    row_id integer primary key,
    subject_id integer not null,
    hadm_id integer not null references admissions (hadm_id),
    icd_code text not null references d_icd_procedures (icd_code),
    charttime text not null
);

create table labevents (
    row_id integer primary key,
    subject_id integer not null,
    hadm_id integer not null references admissions (hadm_id),
    itemid integer not null references d_labitems (itemid),
    charttime text,
    valuenum real,
    valueuom text
);

create table prescriptions (
    row_id integer primary key,
    subject_id integer not null,
    hadm_id integer not null references admissions (hadm_id),
    starttime text not null,
    stoptime text,
    drug text not null,
    dose_val_rx real not null,
    dose_unit_rx text not null,
    route text not null
);

create table chartevents (
    row_id integer primary key,
    subject_id integer not null,
    hadm_id integer not null references admissions (hadm_id),
    stay_id integer not null references icustays (stay_id),
    itemid integer not null references d_items (itemid),
    charttime text not null,
    valuenum real,
    valueuom text
);

create table inputevents (
    row_id integer primary key,
    subject_id integer not null,
    hadm_id integer not null references admissions (hadm_id),
    stay_id integer not null references icustays (stay_id),
    starttime text not null,
    itemid integer not null references d_items (itemid),
    totalamount real,
    totalamountuom text
);

create table outputevents (
    row_id integer primary key,
    subject_id integer not null,
    hadm_id integer not null references admissions (hadm_id),
    stay_id integer not null references icustays (stay_id),
    charttime text not null,
    itemid integer not null references d_items (itemid),
    value real,
    valueuom text
);

create table microbiologyevents (
    row_id integer primary key,
    subject_id integer not null,
    hadm_id integer not null references admissions (hadm_id),
    charttime text not null,
    spec_type_desc text,
    test_name text,
    org_name text
);

-- event_id is the row_id of an event in the table that event_type names:
-- diagnoses_icd, procedures_icd, labevents or prescriptions.
create table cost (
    row_id integer primary key,
    subject_id integer not null,
    hadm_id integer not null references admissions (hadm_id),
    event_type text not null,
    event_id integer not null,
    chargetime text not null,
    cost real not null
);
