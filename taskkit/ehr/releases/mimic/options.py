"""What a user may choose about a database made from MIMIC; the defaults are EHRSQL's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from taskkit.build.counting import counts
from taskkit.ehr.tables.column import moment
from taskkit.spec.base import Spec


class CohortOptions(Spec):
    """The choices for any database of hospital stays: who is taken, and when they lived."""

    seed: int = 0
    """What all draws start from."""
    patients: Annotated[int | None, counts("embedded", "folder")] = Field(default=1000, ge=1)
    """How many patients to take, at most, or all."""
    current_ratio: Annotated[float, counts("folder")] = Field(default=0.1, ge=0, le=1)
    """Share of the patients wanted who are in hospital at the current time."""
    place_current: Annotated[bool, counts("folder")] = True
    """Where chance gives fewer current patients than that, move others' last stay to now."""
    shift_times: Annotated[bool, counts("folder")] = True
    """Move each patient's times to the years below and forget what lies after the current time."""
    start_year: Annotated[int, counts("folder")] = Field(default=2100, ge=1900, le=9000)
    """The first year of the database; earlier events are left out."""
    span_years: Annotated[int, counts("folder")] = Field(default=5, ge=0, le=100)
    """Years after the first one in which a patient's history may begin."""
    current_time: str = Field(
        default="2105-12-31 23:59:00", pattern=r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$"
    )
    """What counts as now, `YYYY-MM-DD HH:MM:SS`."""
    shuffle_values: bool = False
    """Permute diagnoses, results, drugs and so on over the patients, as EHRSQL does: nobody keeps
    their own, and what belongs together comes apart. The document for the agent says so."""
    older_than: Annotated[int, counts("folder")] = Field(default=10, ge=0)
    """Leave out admissions at this age and below, in years."""
    younger_than: Annotated[int, counts("folder")] = Field(default=90, ge=1)
    """Leave out admissions at this age and above; the source shifts the ages above 89."""
    stay_percentile: Annotated[float | None, counts("folder")] = Field(default=95.0, gt=0, le=100)
    """Leave out stays at least as long as this percentile of all of them, or take all."""


class MimicOptions(CohortOptions):
    """The choices for MIMIC-III."""

    one_unit_per_drug: Annotated[bool, counts("folder")] = True
    """Keep a drug's prescriptions in its most frequent unit only."""


class MimicIvOptions(MimicOptions):
    """The choices for MIMIC-IV; over the open demo the defaults are EHRSQL-2024's."""

    span_years: Annotated[int, counts("folder")] = Field(default=0, ge=0, le=100)
    """Years after the first one in which a patient's history may begin."""
    current_time: str = Field(
        default="2100-12-31 23:59:00", pattern=r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$"
    )
    """What counts as now, `YYYY-MM-DD HH:MM:SS`."""
    place_current: Literal[False] = False
    """Not offered: the published answers rest on the patients that chance gives."""
    older_than: Annotated[int, counts("folder")] = Field(default=0, ge=0)
    """Leave out admissions at this age and below, in years."""
    younger_than: Annotated[int, counts("folder")] = Field(default=200, ge=1)
    """Leave out admissions at this age and above."""
    stay_percentile: Annotated[float | None, counts("folder")] = Field(default=None, gt=0, le=100)
    """Leave out stays at least as long as this percentile of all of them, or take all."""
    one_table_per_name: Annotated[bool, counts("folder")] = True
    """Keep a name that is a laboratory test, an input and a drug in one of these tables only."""


def earliest(options: CohortOptions) -> str | None:
    """Give the time before which events are left out."""
    return moment(f"{options.start_year:04}-01-01") if options.shift_times else None


def files(tables: Sequence[str], options: MimicOptions) -> tuple[str, ...]:
    """Give the tables as often as they will be read; the units of drugs take a reading more."""
    return (*tables, "prescriptions") if options.one_unit_per_drug else tuple(tables)
