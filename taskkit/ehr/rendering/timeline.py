"""One stay as each rendering tells it: what its tables hold, by time since admission.

Each release has names of its own, so a moment also says what it means, in the words of eICU where
it has one and of the course where not. Diagnoses, procedures and charges are left out: eICU enters
them under other names and at other times.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from taskkit.build.origin import Origin
from taskkit.ehr.rendering import eicu, mimic_iii
from taskkit.ehr.rendering.eicu_names import read_names
from taskkit.ehr.rendering.fhir_moments import FhirTelling
from taskkit.ehr.rendering.identity import Identity
from taskkit.ehr.rendering.mimic_iii import generate
from taskkit.ehr.rendering.mimic_iv import generate_mimic_iv
from taskkit.ehr.rendering.moments import Moment, Telling, shared_names
from taskkit.ehr.rendering.naming import vocabulary
from taskkit.ehr.rendering.vocabulary import read_words
from taskkit.sqlite import connect

CHARTED = "join d_items using (itemid) where hadm_id = :stay"
MIMIC = {
    "stay": "select admittime, 'admission', null, null from admissions where hadm_id = :stay"
    " union all select dischtime, 'discharge', null, null from admissions where hadm_id = :stay",
    "unit": "select intime, 'into intensive care', null, first_careunit from icustays"
    " where hadm_id = :stay union all"
    " select outtime, 'out of intensive care', null, last_careunit from icustays"
    " where hadm_id = :stay",
    "result": "select charttime, label, coalesce(valuenum, 'no number'), valueuom from labevents"
    " join d_labitems using (itemid) where hadm_id = :stay",
    "sign": f"select charttime, label, valuenum, valueuom from chartevents {CHARTED}",
    "culture": "select charttime, spec_type_desc, coalesce(org_name, 'no growth'), null"
    " from microbiologyevents where hadm_id = :stay",
    "out": f"select charttime, label, value, 'ml' from outputevents {CHARTED}",
}
III = MIMIC | {
    "order": "select startdate, drug, dose_val_rx || ' ' || dose_unit_rx, route"
    " from prescriptions where hadm_id = :stay",
    "in": f"select charttime, label, amount, 'ml' from inputevents_cv {CHARTED}",
}
IV = MIMIC | {
    "order": "select starttime, drug, printf('%g', dose_val_rx) || ' ' || dose_unit_rx, route"
    " from prescriptions where hadm_id = :stay",
    "in": f"select starttime, label, totalamount, 'ml' from inputevents {CHARTED}",
}
STAYS = "from patient where patienthealthsystemstayid = :stay"
OF_STAY = f"where patientunitstayid in (select patientunitstayid {STAYS})"
EICU = {
    "stay": f"select distinct hospitaladmittime, 'admission', null, null {STAYS}"
    f" union all select distinct hospitaldischargetime, 'discharge', null, null {STAYS}",
    "unit": f"select unitadmittime, 'into intensive care', null, 'ward ' || wardid {STAYS}"
    " union all select unitdischargetime, 'out of intensive care', null, 'ward ' || wardid"
    f" {STAYS}",
    "result": f"select labresulttime, labname, labresult, null from lab {OF_STAY}",
    "sign": " union all ".join(
        f"select observationtime, '{column}', {column}, null from vitalperiodic {OF_STAY}"
        for column in eicu.SIGNS.values()
    ),
    "culture": f"select culturetakentime, culturesite, organism, null from microlab {OF_STAY}",
    "order": "select drugstarttime, substr(drugname, 1, instr(drugname, ' ' || dosage) - 1),"
    f" dosage, routeadmin from medication {OF_STAY}",
    **{
        way: f"select intakeoutputtime, celllabel, cellvaluenumeric, 'ml' from intakeoutput"
        f" {OF_STAY} and cellpath like '%|{path} (ml)|%'"
        for way, path in (("in", "intake"), ("out", "output"))
    },
}
"""By kind: time, name, value, and what else is said; eICU's unit stays are stays of their own."""


@dataclass(frozen=True)
class Rendering:
    """A release whose tables a timeline can be read from."""

    title: str
    domain: str
    generate: Callable[..., Origin]
    queries: Mapping[str, str]
    meanings: Mapping[tuple[str, str], str]
    """Kind and name to what is meant; other names mean themselves."""

    def moments(self, folder: Path, patient: int, stay: int, seed: int) -> list[Moment]:
        """Write the rendering of one patient into a folder, and read a stay; empty without it."""
        path = folder / f"{self.domain}.sqlite"
        home = vocabulary(self.domain).parent
        self.generate(path, domain=home, first=patient, patients=1, seed=seed)
        with closing(connect(path)) as connection:
            return sorted(self._read(connection, stay))

    def _read(self, connection: sqlite3.Connection, stay: int) -> Iterator[Moment]:
        row = connection.execute(self.queries["stay"], {"stay": stay}).fetchone()
        admitted = datetime.fromisoformat(row[0]) if row else None
        for kind, query in self.queries.items():
            for time, name, value, more in connection.execute(query, {"stay": stay}):
                if admitted is None or time is None or (kind == "sign" and value is None):
                    continue
                minute = int((datetime.fromisoformat(time) - admitted).total_seconds() // 60)
                read = f"{value:g}" if isinstance(value, int | float) else value or ""
                meaning = self.meanings.get((kind, name), name)
                alike = self.meanings.get(("organism", read), read)
                yield Moment(
                    minute, kind, meaning, alike, " ".join(filter(None, (name, read, more)))
                )


def renderings() -> tuple[Telling, ...]:
    """MIMIC-III, MIMIC-IV, eICU and FHIR R4."""
    shared = shared_names()
    fluids = read_names("fluids")
    words = vocabulary("mimic-iv")
    charted = dict(read_words(words / "vitals.tsv", lambda _, row: (row["label"], row["course"])))
    volumes = read_words(
        words / "volumes.tsv", lambda _, row: (row["way"], row["label"], row["course"])
    )
    third = {
        **{("sign", label): name for name, label in mimic_iii.SIGNS.items()},
        ("sign", "admit wt"): "weight",
        ("sign", "admit ht"): "height",
        **{(way, name): meaning for name, meaning in fluids.items() for way in ("in", "out")},
    }
    fourth = {
        **{("sign", label): name for label, name in charted.items()},
        **{(way, label): fluids.get(name, name) for way, label, name in volumes},
    }
    last = {("sign", column): name for name, column in eicu.SIGNS.items()}
    return (
        Rendering("MIMIC-III", "mimic", generate, III, shared | third),
        Rendering("MIMIC-IV", "mimic-iv", generate_mimic_iv, IV, shared | fourth),
        Rendering("eICU", "eicu", eicu.generate_eicu, EICU, last),
        FhirTelling(),
    )


def side_by_side(patient: int, stay: int, seed: int) -> list[tuple[Moment, Sequence[str]]]:
    """What each rendering says of every moment of a stay, in the order of time.

    Args:
        patient: Number in the hospital, from 0.
        stay: Number of the stay within the patient, from 0.
        seed: Of the hospital.
    """
    key = Identity(seed).admission(patient, stay)
    told = renderings()
    said: dict[tuple[int, str, str, str, int], tuple[Moment, list[str]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for place, rendering in enumerate(told):
            again: dict[tuple[int, str, str, str], int] = {}
            for moment in rendering.moments(Path(folder), patient, key, seed):
                what = moment[:4]
                again[what] = again.get(what, 0) + 1
                row = said.setdefault((*what, again[what]), (moment, [""] * len(told)))
                row[1][place] = moment.said
    return [said[key] for key in sorted(said)]
