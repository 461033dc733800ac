import re
import sqlite3

import requests

session = requests.Session()


def every(kind, **criteria):
    url, found = f"{BASE}/{kind}", []
    while url:
        page = session.get(url, params={"_count": 5000, **criteria}, timeout=60).json()
        found += [entry["resource"] for entry in page.get("entry", [])]
        links = {link["relation"]: link["url"] for link in page.get("link", [])}
        url = links.get("next")
        criteria = {}
    return found


def at(value, path):
    for name in path.split("."):
        if name.endswith("[]"):
            value = (value.get(name[:-2]) or [None])[0]
        else:
            value = value.get(name)
        if value is None:
            return None
    return value


def cell(resource, path, kind):
    value = at(resource, path)
    if value is None:
        return None
    if kind == "time":
        return value[:19].replace("T", " ")
    if kind == "day":
        return f"{value} 00:00:00"
    if kind == "text":
        return value
    if kind == "gender":
        return value[0]
    if kind in ("integer", "key"):
        return int(str(value).rpartition("-")[2])
    return float(value)


def rows(table, patient):
    kind, criteria, columns = TABLES[table]
    if kind == "CodeSystem":
        (system,) = every("CodeSystem", **criteria)
        found = system["concept"]
    else:
        if patient and table != "patients":
            criteria = {**criteria, "patient": f"patients-{patient}"}
        found = every(kind, **criteria)
    return [[cell(one, path, kind) for path, kind in columns.values()] for one in found]


def database(sql):
    connection = sqlite3.connect(":memory:")
    patients = set(re.findall(r"subject_id = (\d+)", sql))
    patient = patients.pop() if len(patients) == 1 and sql.count("subject_id = ") == 1 else None
    for table in TABLES:
        if not re.search(rf"\b{table}\b", sql):
            continue
        whole = table == "patients" or "cost" in sql
        columns = TABLES[table][2]
        names = ", ".join(columns)
        connection.execute(f"create table {table} ({names})")
        marks = ", ".join("?" * len(columns))
        connection.executemany(
            f"insert into {table} values ({marks})", rows(table, None if whole else patient)
        )
    return connection


answer = [list(row) for row in database(SQL).execute(SQL)]
