"""What patients take at home: the drugs of their stays that go on, and those of before."""

from __future__ import annotations

from datetime import datetime

from taskkit.ehr.clock import DAY
from taskkit.ehr.course.stay import Order, Stay
from taskkit.ehr.rendering import coding, ucum
from taskkit.ehr.rendering.coding import concept
from taskkit.fhir.synthetic import terms
from taskkit.fhir.synthetic.build import quantity, stamp, status, to
from taskkit.fhir.synthetic.record import Record, when

AT_HOME = ("po", "sc", "ih")  # routes that patients use themselves
BEFORE, LONGEST = 20, 400  # days: of an order before the stay in which it was found
FORMER = 0.4  # of the drugs of a condition: another one was given before
BY_RXNORM = {one.rxnorm: one for one in terms.DRUGS.values()}
Taken = dict[str, tuple[Order, Stay]]


def prescriptions(record: Record) -> None:
    """Write the orders of the clinic.

    What somebody takes at home is on hold while they are in hospital, and stopped once a later
    stay does not have it any more.
    """
    before: Taken = {}
    for stay in record.course.stays:
        taken = _home(record, stay)
        for rxnorm, (order, earlier) in before.items():
            other = taken.get(rxnorm)
            if other is None or other[0].dose != order.dose:
                _order(record, rxnorm, order, earlier, "stopped")
            else:
                taken[rxnorm] = order, earlier
        before = taken
    for rxnorm, (order, stay) in before.items():
        _order(record, rxnorm, order, stay, "on-hold" if record.inside else "active")
        _former(record, rxnorm, order, stay)


def _home(record: Record, stay: Stay) -> Taken:
    """The orders of a stay that go on at home, by their drug: the last of each."""
    drugs = record.renderer.hospital.catalogue.drugs
    found: Taken = {}
    for order in stay.orders:
        kind = drugs[order.drug].kind
        lasting = kind == "home" or (kind == "acute" and order.end >= stay.discharged)
        rxnorm, _ = coding.rxnorm().get(order.drug, ("", ""))
        known = BY_RXNORM.get(rxnorm)
        if lasting and order.route in AT_HOME and known and known.unit == ucum.code(order.unit):
            found[rxnorm] = order, stay
    return found


def _authored(record: Record, stay: Stay) -> datetime:
    """When an order for home was written: at the end of the stay, or before one that goes on."""
    if not stay.current:
        return when(stay.discharged + record.chance.randrange(-120, 0))
    return when(stay.admitted - record.chance.randrange(BEFORE * DAY, LONGEST * DAY))


def _order(record: Record, rxnorm: str, order: Order, stay: Stay, state: str) -> None:
    """An order of what a stay gave."""
    reason = record.renderer.reason(stay, order.indication)
    written = _authored(record, stay)
    dose, route = float(order.dose), ucum.ROUTES[order.route]
    _write(
        record, BY_RXNORM[rxnorm], state, written, dose, reason, coding.route(order.route, route)
    )


def _write(
    record: Record, drug: terms.Drug, state: str, at: datetime, dose: float, reason: object,
    route: object,
) -> None:  # fmt: skip
    assert isinstance(reason, dict)
    record.add(
        "MedicationRequest",
        status=state,
        intent="order",
        category=[status("medicationrequest-category", "community")],
        medicationCodeableConcept=concept(terms.RXNORM, drug.rxnorm, drug.name),
        subject=to(record.person),
        authoredOn=stamp(at),
        requester=to(record.doctor()),
        **reason,
        dosageInstruction=[
            {
                "timing": {"repeat": {"frequency": drug.daily, "period": 1, "periodUnit": "d"}},
                "route": route,
                "doseAndRate": [{"doseQuantity": quantity(dose, drug.unit)}],
            }
        ],
    )


def _former(record: Record, rxnorm: str, order: Order, stay: Stay) -> None:
    """Another drug for the same condition, given and stopped before the present one."""
    reason = record.renderer.reason(stay, order.indication)
    codes = [one.get("code") for one in reason.get("reasonCode", [{}])[0].get("coding", [])]
    usual = [one for one in terms.DISEASES.values() if one.snomed in codes]
    fits = [
        drug
        for disease in usual
        for drug in (terms.DRUGS[name] for name in disease.drugs)
        if drug.rxnorm != rxnorm and drug.route == "oral"
    ]
    if not fits or record.chance.random() > FORMER:
        return
    drug = record.chance.choice(fits)
    at = when(stay.admitted - record.chance.randrange(LONGEST * DAY, 2 * LONGEST * DAY))
    dose, oral = record.chance.choice(drug.doses), coding.route("po", ucum.ROUTES["po"])
    _write(record, drug, "stopped", at, dose, reason, oral)
