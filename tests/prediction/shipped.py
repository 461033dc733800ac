"""Folders as publishers ship them, with made-up content."""

from __future__ import annotations

import pickle
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from taskkit.prediction.published.ehrshot import PARTS

PATIENTS, WIDTH = 260, 24
BEGIN = datetime(2015, 3, 1, 23, 59)


def ehrshot(folder: Path) -> Path:
    """CLMBR features and the labels of two tasks; each patient has two labels, the last counts."""
    chance = np.random.default_rng(5)
    first = 115_967_000
    for part in PARTS:
        people = np.repeat(np.arange(first, first + PATIENTS), 2)
        first += PATIENTS
        times = [BEGIN + timedelta(days=int(i)) for i in range(len(people))]
        hidden = chance.normal(size=(len(people), 3))
        noise = chance.normal(size=(len(people), WIDTH))
        vectors = hidden @ chance.normal(size=(3, WIDTH)) * 0.0 + noise
        vectors[:, :9] += np.repeat(hidden, 3, axis=1) * 0.8
        score = hidden.sum(axis=1)
        held = {
            "data_matrix": vectors.astype(np.float32),
            "patient_ids": people,
            "labeling_time": np.array(times, dtype=object),
        }
        with (folder / f"clmbr_{part}.pkl").open("wb") as file:
            pickle.dump(held, file)
        write(folder / "guo_los", part, people, times, [str(one > 0.3) for one in score])
        classes = np.digitize(score, [0.2, 1.2, 2.2])
        write(folder / "lab_anemia", part, people, times, list(map(str, classes)))
    return folder


STAYS, HOURS, ANALYTES = 260, 24, ("glucose", "lactate", "heart rate", "pH")


def mimic_extract(folder: Path) -> Path:
    """Frames of hourly measurements, with the labels of one task of stays and one of windows."""
    chance = np.random.default_rng(6)
    columns = pd.MultiIndex.from_product([ANALYTES, ("count", "mean", "std")])
    first = 3
    for part in PARTS:
        people = np.arange(first, first + STAYS)
        first += STAYS
        level = chance.normal(size=(STAYS, len(ANALYTES)))
        for place in ("mortality_los", "vasopressor_ventilation"):
            (folder / place).mkdir(exist_ok=True)
            rows = level.repeat(HOURS, axis=0)
            values = (rows + chance.normal(size=rows.shape)).repeat(3, axis=1)
            names = ["subject_id", "hadm_id", "icustay_id", "hours_in"]
            levels = [people.repeat(HOURS), people.repeat(HOURS) + 10_000, people.repeat(HOURS)]
            hours = np.tile(np.arange(HOURS), STAYS)
            if place == "vasopressor_ventilation":
                names.append("6_hour_window_id")
                levels += [hours, hours // 6]
            else:
                levels.append(hours)
            index = pd.MultiIndex.from_arrays(levels, names=names)
            frame = pd.DataFrame(values, index=index, columns=columns)
            frame.to_pickle(folder / place / f"X_lab_{part}.pkl")
        score = level.sum(axis=1) + 0.3 * chance.normal(size=STAYS)
        table = pd.DataFrame({"subject_id": people, "hadm_id": people + 10_000})
        died = table.assign(mort_icu=(score > 1).astype(int), label_type="boolean")
        died.to_csv(folder / "mortality_los" / f"{part}_mort_icu_labels.csv", index=False)
        kinds = np.digitize(score, [-1.5, 0, 1.5])
        state = table.assign(intervention_category=kinds).drop(columns="hadm_id")
        state["6_hour_window_id"] = 3
        path = folder / "vasopressor_ventilation" / f"{part}_vasopressor_labels.csv"
        state.to_csv(path, index=False)
    return folder


def write(folder: Path, part: str, people: object, times: object, values: list[str]) -> None:
    """One file of labels; patients as tensors, which the published files have in places."""
    folder.mkdir(exist_ok=True)
    table = pd.DataFrame({"patient_id": people, "value": values, "label_type": "x"})
    table["patient_id"] = [f"tensor({one})" for one in table["patient_id"]]
    table["prediction_time"] = [f"{one:%Y-%m-%dT%H:%M:%S}" for one in times]  # type: ignore[attr-defined]
    table.to_csv(folder / f"{part}_labels.csv", index=False)
