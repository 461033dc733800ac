-- The five MIMICSQL tables of TREQS (Wang et al., WWW 2020), in SQLite's types.
-- Ids are whole numbers; times are text, 'YYYY-MM-DD HH:MM:SS'; text keeps the case of MIMIC-III.

create table demographic (
    subject_id integer not null,
    hadm_id integer not null unique,
    name text not null,
    marital_status text,
    age integer not null,
    dob text not null,
    gender text not null,
    language text,
    religion text,
    admission_type text not null,
    days_stay integer not null,
    insurance text not null,
    ethnicity text not null,
    expire_flag integer not null,
    admission_location text not null,
    discharge_location text,
    diagnosis text,
    dod text,
    dob_year integer not null,
    dod_year integer,
    admittime text not null,
    dischtime text not null,
    admityear integer not null
);

create table diagnoses (
    subject_id integer not null,
    hadm_id integer not null references demographic (hadm_id),
    icd9_code text not null,
    short_title text not null,
    long_title text not null
);

create table procedures (
    subject_id integer not null,
    hadm_id integer not null references demographic (hadm_id),
    icd9_code text not null,
    short_title text not null,
    long_title text not null
);

create table prescriptions (
    subject_id integer not null,
    hadm_id integer not null references demographic (hadm_id),
    icustay_id integer,
    drug_type text not null,
    drug text,
    formulary_drug_cd text,
    route text,
    drug_dose text not null
);

create table lab (
    subject_id integer not null,
    hadm_id integer not null references demographic (hadm_id),
    itemid integer not null,
    charttime text not null,
    flag text,
    value_unit text not null,
    label text not null,
    fluid text not null,
    category text not null
);
