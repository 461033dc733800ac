"""Labels of a cohort by a definition: one prediction for each patient."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast

import polars as pl

from taskkit.prediction.cohort import BIRTH, Cohort
from taskkit.prediction.definition import (
    STATUSES,
    Anchor,
    Definition,
    Eligibility,
    Findings,
    Lasts,
    Level,
    Occurs,
    Status,
    Survival,
)

KEY = "subject_id"
FAR = datetime(3000, 1, 1)  # after every record
ADULT = 18 * 365.25 * 24  # hours


def labels(cohort: Cohort, definition: Definition) -> pl.DataFrame:
    """The label of every eligible patient.

    Returns:
        `subject_id`, `prediction_time`, and `label`, or a column for each finding, or `time` and
        `event`; sorted by patient. Patients whose outcome cannot be known are left out.
    """
    rows = eligible(cohort, anchored(cohort, definition.anchor), definition.eligibility)
    made = outcome(cohort, rows, definition)
    return made.drop("anchor_time").sort(KEY)


def anchored(cohort: Cohort, anchor: Anchor) -> pl.DataFrame:
    """`subject_id`, `anchor_time` and `prediction_time` of every patient with the anchor."""
    at = pl.col("time").min() if anchor.which == "first" else pl.col("time").max()
    events = cohort.events.filter(pl.col("code") == anchor.code, pl.col("time").is_not_null())
    when = pl.col("anchor_time")
    if anchor.day_end:
        when = when.dt.truncate("1d") + pl.duration(hours=23, minutes=59)
    when = when + pl.duration(minutes=round(anchor.offset * 60))
    return events.group_by(KEY).agg(anchor_time=at).with_columns(prediction_time=when)


def eligible(cohort: Cohort, rows: pl.DataFrame, rule: Eligibility) -> pl.DataFrame:
    """The rows that the rule allows."""
    before = pl.col("time") <= pl.col("prediction_time")
    if rule.absent:
        rows = rows.join(met(cohort, rows, rule.absent, before), on=KEY, how="anti")
    for code in rule.present:
        rows = rows.join(met(cohort, rows, (code,), before), on=KEY, how="semi")
    if rule.unfinished:
        end = pl.col("prediction_time") + hours(rule.margin)
        inside = pl.col("time").is_between(pl.col("anchor_time"), end)
        rows = rows.join(met(cohort, rows, rule.unfinished, inside), on=KEY, how="anti")
    if cohort.end is not None:
        rows = rows.filter(pl.col("prediction_time") <= cohort.end)
    if rule.adults:
        born = pl.col("time") <= pl.col("prediction_time") - hours(ADULT)
        rows = rows.join(met(cohort, rows, (BIRTH,), born), on=KEY, how="semi")
    return rows


def met(cohort: Cohort, rows: pl.DataFrame, codes: Sequence[str], where: pl.Expr) -> pl.DataFrame:
    """Patients with an event of these codes for which a condition holds."""
    return coded(cohort, codes).join(rows, on=KEY).filter(where).select(KEY).unique()


def coded(cohort: Cohort, codes: Sequence[str]) -> pl.DataFrame:
    """Events with one of these codes, and a time."""
    return cohort.events.filter(pl.col("code").is_in(list(codes)), pl.col("time").is_not_null())


def first_after(
    cohort: Cohort, rows: pl.DataFrame, codes: Sequence[str], start: str, name: str
) -> pl.DataFrame:
    """The rows with the time of the first event later than column `start`; null for none."""
    later = coded(cohort, codes).join(rows.select(KEY, start), on=KEY)
    first = later.filter(pl.col("time") > pl.col(start)).group_by(KEY)
    return rows.join(first.agg(pl.col("time").min().alias(name)), on=KEY, how="left")


def hours(number: float) -> pl.Expr:
    """A duration, to the minute."""
    return pl.duration(minutes=round(number * 60))


def outcome(cohort: Cohort, rows: pl.DataFrame, definition: Definition) -> pl.DataFrame:
    """The rows with their labels."""
    what = definition.outcome
    if isinstance(what, Occurs):
        return occurs(cohort, rows, what)
    if isinstance(what, Lasts):
        return lasts(cohort, rows, what)
    if isinstance(what, Level):
        return level(cohort, rows, what)
    if isinstance(what, Status):
        return status(cohort, rows, what)
    if isinstance(what, Findings):
        return findings(cohort, rows, what)
    return survival(cohort, rows, what)


def occurs(cohort: Cohort, rows: pl.DataFrame, what: Occurs) -> pl.DataFrame:
    """`label` 1 where an event comes in its window."""
    table = rows.with_columns(start=pl.col("prediction_time"))
    if what.since is not None:
        table = first_after(cohort, rows, (what.since,), "prediction_time", "start")
        table = table.filter(pl.col("start").is_not_null())
    table = table.with_columns(pl.col("start") + hours(what.gap), stop=pl.lit(FAR))
    if what.horizon is not None:
        table = table.with_columns(stop=pl.col("start") + hours(what.horizon))
    if what.until is not None:
        table = first_after(cohort, table, (what.until,), "prediction_time", "limit")
        table = table.with_columns(pl.min_horizontal("stop", "limit").alias("stop")).drop("limit")
    if cohort.end is not None:
        table = table.filter(pl.col("stop") <= cohort.end)
    table = first_after(cohort, table, what.codes, "start", "found")
    inside = (pl.col("found") <= pl.col("stop")).fill_null(value=False)
    return table.with_columns(label=inside.cast(pl.Int8)).drop("start", "stop", "found")


def lasts(cohort: Cohort, rows: pl.DataFrame, what: Lasts) -> pl.DataFrame:
    """`label` 1 where the event comes late; those for whom it never comes are left out."""
    table = first_after(cohort, rows, (what.until,), "anchor_time", "found")
    long = pl.col("found") - pl.col("anchor_time") >= hours(what.least)
    table = table.filter(pl.col("found").is_not_null())
    return table.with_columns(label=long.cast(pl.Int8)).drop("found")


def level(cohort: Cohort, rows: pl.DataFrame, what: Level) -> pl.DataFrame:
    """`label`: the class of the next value."""
    values = coded(cohort, what.codes).join(rows.select(KEY, "prediction_time"), on=KEY)
    end = pl.col("prediction_time") + hours(what.horizon)
    inside = values.filter(
        pl.col("time") > pl.col("prediction_time"),
        pl.col("time") <= end,
        pl.col("numeric_value").is_not_null(),
    )
    first = inside.sort("time").group_by(KEY, maintain_order=True).first()
    rising = what.cuts[0] <= what.cuts[-1]
    value = pl.col("numeric_value")
    expression = pl.lit(what.names[-1])
    for cut, name in reversed(list(zip(what.cuts, what.names[:-1], strict=True))):
        within = value <= cut if rising else value >= cut
        expression = pl.when(within).then(pl.lit(name)).otherwise(expression)
    return rows.join(first.select(KEY, label=expression), on=KEY)


def status(cohort: Cohort, rows: pl.DataFrame, what: Status) -> pl.DataFrame:
    """`label`: onset, control, on or wean, by the treatment at both ends of the window."""
    edge = pl.col("prediction_time") + hours(what.gap)
    table = rows.with_columns(left=edge, right=edge + hours(what.width))
    if cohort.end is not None:
        table = table.filter(pl.col("right") <= cohort.end)
    for side in ("left", "right"):
        begun = counted(cohort, table, what.start, side)
        ended = counted(cohort, table, what.end, side)
        table = table.with_columns((begun > ended).alias(f"on_{side}"))
    onset, control, on, wean = map(pl.lit, STATUSES)
    label = (
        pl.when(~pl.col("on_left") & pl.col("on_right"))
        .then(onset)
        .when(pl.col("on_left") & pl.col("on_right"))
        .then(on)
        .when(pl.col("on_left"))
        .then(wean)
        .otherwise(control)
    )
    return table.with_columns(label=label).drop("left", "right", "on_left", "on_right")


def counted(cohort: Cohort, rows: pl.DataFrame, code: str, edge: str) -> pl.Series:
    """How many events with a code each row has up to a time."""
    events = coded(cohort, (code,)).join(rows.select(KEY, edge), on=KEY)
    counts = events.filter(pl.col("time") <= pl.col(edge)).group_by(KEY).len("count")
    return rows.select(KEY).join(counts, on=KEY, how="left")["count"].fill_null(0)


def findings(cohort: Cohort, rows: pl.DataFrame, what: Findings) -> pl.DataFrame:
    """A column for each finding of the next report: 1 or 0."""
    table = first_after(cohort, rows, (what.report,), "prediction_time", "found")
    end = pl.col("prediction_time") + hours(what.horizon)
    table = table.filter(pl.col("found") <= end)
    for name, code in what.codes.items():
        said = coded(cohort, (code,)).select(KEY, found="time").unique()
        here = said.with_columns(pl.lit(1, dtype=pl.Int8).alias(name))
        table = table.join(here, on=[KEY, "found"], how="left")
        table = table.with_columns(pl.col(name).fill_null(0))
    return table.drop("found")


def survival(cohort: Cohort, rows: pl.DataFrame, what: Survival) -> pl.DataFrame:
    """`time` in hours, and `event` 1 where it ended in the event."""
    table = first_after(cohort, rows, what.codes, "prediction_time", "found")
    table = first_after(cohort, table, (what.censor,), "prediction_time", "seen")
    end = pl.col("prediction_time") + hours(what.horizon)
    last = pl.min_horizontal(pl.col("found"), pl.col("seen"), end, pl.lit(cohort.end))
    event = (pl.col("found") == last).fill_null(value=False)
    lasting = (last - pl.col("prediction_time")).dt.total_minutes() / 60
    table = table.with_columns(time=lasting.round(2), event=event.cast(pl.Int8))
    return table.drop("found", "seen")


def label_columns(definition: Definition) -> list[str]:
    """The label columns of a definition."""
    if definition.target == "findings":
        return list(cast(Findings, definition.outcome).codes)
    return ["time", "event"] if definition.target == "survival" else ["label"]
