"""The range of a dose by drug and route, as in the labels of the drugs (DailyMed), adults."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from taskkit.ehr.realism.records import Order

TABLE = Path(__file__).parent / "doses.tsv"
INTO_VEIN = ("iv drip", "ivpb", "iv bolus")


@cache
def ranges() -> dict[tuple[str, str, str], tuple[float, float]]:
    """Drug, route and unit to the least and the most that is given at once."""
    with TABLE.open(encoding="utf-8") as file:
        rows = csv.DictReader(file, delimiter="\t")
        return {
            (row["drug"], row["route"], row["unit"]): (float(row["least"]), float(row["most"]))
            for row in rows
        }


def outside(order: Order) -> bool | None:
    """Whether a dose is outside the range of its route; none where the range is not known."""
    route = "iv" if order.route in INTO_VEIN else order.route
    bounds = ranges().get((order.drug, route, order.unit))
    if bounds is None or order.dose is None:
        return None
    return not bounds[0] <= order.dose <= bounds[1]
