"""Features: what the record holds before each prediction."""

from __future__ import annotations

import re

import polars as pl

from taskkit.prediction.cohort import BIRTH, Cohort
from taskkit.prediction.definition import FeatureSet
from taskkit.prediction.labels import KEY

COVERAGE = 0.02  # of the patients; a rarer code tells nothing of most
DIGITS = 4
FEMALE = re.compile(r"(GENDER|SEX|Gender)//?(F|FEMALE)", re.IGNORECASE)


def features(cohort: Cohort, rows: pl.DataFrame, what: FeatureSet) -> pl.DataFrame:
    """Features of the rows.

    Args:
        cohort: All events.
        rows: `subject_id` and `prediction_time`.
        what: Which features.

    Returns:
        `subject_id`, `prediction_time`, age, sex and the features; with `hourly` a row for each
        hour, numbered by column `hour` from the oldest.
    """
    events = before(cohort, rows, what)
    people = demographics(cohort, rows)
    if people["age"].null_count() == people.height:
        people = people.drop("age")  # a cohort without births
    if what.kind == "summary":
        return people.join(summary(cohort, events), on=KEY, how="left").sort(KEY)
    table = people.join(hourly(cohort, events, what), on=KEY, how="left")
    last = pl.col("hour").fill_null(int(what.hours) - 1)  # a patient without any value has a row
    return table.with_columns(last).sort(KEY, "hour")


def before(cohort: Cohort, rows: pl.DataFrame, what: FeatureSet) -> pl.DataFrame:
    """Events in the window before each prediction, the moment itself included."""
    start = pl.col("prediction_time") - pl.duration(minutes=round(what.hours * 60))
    joined = cohort.events.join(rows.select(KEY, "prediction_time"), on=KEY)
    events = joined.filter(pl.col("time") > start, pl.col("time") <= pl.col("prediction_time"))
    if what.codes:
        pattern = "^(?:" + "|".join(map(re.escape, what.codes)) + ")"
        events = events.filter(pl.col("code").str.contains(pattern))
    enough = events.group_by("code").agg(pl.col(KEY).n_unique().alias("patients"))
    enough = enough.filter(pl.col("patients") >= COVERAGE * rows.height)
    events = events.join(enough.select("code"), on="code", how="semi")
    return events.with_columns(name=pl.col("code").replace(column_names(cohort, events)))


def column_names(cohort: Cohort, events: pl.DataFrame) -> dict[str, str]:
    """A column name for each code; two codes with one name keep their own."""
    named: dict[str, str] = {}
    for code in sorted(events["code"].unique()):
        short = re.sub(r"[^a-z0-9]+", "_", cohort.names.get(code, code).lower()).strip("_")
        named[code] = short if short and short not in named.values() else code
    return named


def demographics(cohort: Cohort, rows: pl.DataFrame) -> pl.DataFrame:
    """Age in years at the prediction, and 1 for women."""
    born = cohort.events.filter(pl.col("code") == BIRTH, pl.col("time").is_not_null())
    born = born.group_by(KEY).agg(born=pl.col("time").min())
    sexes = [code for code in cohort.events["code"].unique().sort() if FEMALE.fullmatch(code)]
    women = cohort.events.filter(pl.col("code").is_in(sexes)).select(KEY).unique()
    days = (pl.col("prediction_time") - pl.col("born")).dt.total_days()
    return (
        rows.select(KEY, "prediction_time")
        .join(born, on=KEY, how="left")
        .join(women.with_columns(female=pl.lit(1, dtype=pl.Int8)), on=KEY, how="left")
        .with_columns(age=(days / 365.25).round(1), female=pl.col("female").fill_null(0))
        .select(KEY, "prediction_time", "age", "female")
    )


def summary(cohort: Cohort, events: pl.DataFrame) -> pl.DataFrame:
    """Last and mean of every measurement, and how often every other code stands."""
    valued = events.filter(pl.col("numeric_value").is_not_null())
    bare = events.filter(pl.col("numeric_value").is_null())
    value = pl.col("numeric_value").cast(pl.Float64)
    cells = valued.sort(KEY, "time").group_by(KEY, "name", maintain_order=True)
    numbers = cells.agg(
        last=value.last().round_sig_figs(DIGITS), mean=value.mean().round_sig_figs(DIGITS)
    )
    table = rows_of(events)
    for name in sorted(numbers["name"].unique()):
        part = numbers.filter(pl.col("name") == name).select(
            KEY, pl.col("last").alias(f"{name}_last"), pl.col("mean").alias(f"{name}_mean")
        )
        table = table.join(part, on=KEY, how="left")
    counts = bare.group_by(KEY, "name").len("count")
    for name in sorted(counts["name"].unique()):
        part = counts.filter(pl.col("name") == name).select(KEY, pl.col("count").alias(name))
        table = table.join(part, on=KEY, how="left").with_columns(pl.col(name).fill_null(0))
    return table


def hourly(cohort: Cohort, events: pl.DataFrame, what: FeatureSet) -> pl.DataFrame:
    """Mean of every measurement in every hour; null where it was not measured."""
    valued = events.filter(pl.col("numeric_value").is_not_null())
    age = (pl.col("prediction_time") - pl.col("time")).dt.total_minutes()
    hour = (pl.lit(int(what.hours) - 1) - age // 60).cast(pl.Int32)
    value = pl.col("numeric_value").cast(pl.Float64)
    cells = valued.with_columns(hour=hour).group_by(KEY, "hour", "name", maintain_order=True)
    means = cells.agg(mean=value.mean())
    means = means.with_columns(pl.col("mean").round_sig_figs(DIGITS))
    columns = sorted(means["name"].unique())
    wide = means.pivot("name", index=[KEY, "hour"], values="mean")
    return wide.select(KEY, "hour", *columns)


def rows_of(events: pl.DataFrame) -> pl.DataFrame:
    """The patients with any event."""
    return events.select(KEY).unique(maintain_order=True)
