"""Cultures: what is sent, what grows where, and that it stops growing once it is treated."""

from __future__ import annotations

from taskkit.ehr.chance import Chance, Weighted
from taskkit.ehr.clock import DAY
from taskkit.ehr.course.catalogue import Catalogue, Specimen
from taskkit.ehr.course.rule import probability
from taskkit.ehr.course.stay import Culture, Stay

COLONISED = 0.06  # how often something grows without an infection at the site
TREATED = 0.3  # factor on growth for each day of an antibiotic that answers
REPEATED = frozenset({"blood culture", "urine", "sputum", "catheter tip-iv"})


class Microbiology:
    """Draws the cultures of stays."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Know specimens and organisms."""
        self._specimens, self._organisms = catalogue.specimens, catalogue.organisms
        self._answers = {organism.name: organism.answers for organism in catalogue.organisms}

    def cultures(self, chance: Chance, stay: Stay) -> None:
        """File the cultures of a stay, in order of time."""
        for specimen in self._specimens:
            traits = stay.onsets
            if chance.random() < probability(specimen.given, traits):
                self._series(chance, stay, specimen)
        stay.cultures.sort()

    def _series(self, chance: Chance, stay: Stay, specimen: Specimen) -> None:
        sites = [trait for trait in stay.onsets if trait in specimen.sites and trait != "any"]
        onset = min((stay.onsets[site] for site in sites), default=stay.admitted)
        draw = chance.random()
        room = max(stay.until - onset - 20, 1)
        minute = onset + 10 + int((30 if sites else room * 0.7) * draw * draw)
        organism = self._grown(chance, stay, specimen, sites)
        while minute <= stay.until:
            treated = sum(
                max(0, min(order.end, minute) - order.start) / DAY
                for order in stay.orders
                if organism and order.drug.startswith(self._answers[organism] or ("-",))
            )
            grows = organism is not None and (minute == onset or chance.random() < TREATED**treated)
            stay.cultures.append(Culture(minute, specimen.name, organism if grows else None))
            again = 0.75 if grows else 0.25
            if specimen.name not in REPEATED or chance.random() >= again:
                return
            minute += chance.whole(DAY // 2, 2 * DAY)

    def _grown(
        self, chance: Chance, stay: Stay, specimen: Specimen, sites: list[str]
    ) -> str | None:
        growth = specimen.growth if sites else COLONISED * specimen.growth
        if chance.random() >= growth:
            return None
        present = {*sites, "any"} if sites else specimen.sites
        weights = []
        for organism in self._organisms:
            weight = sum(number for trait, number in organism.traits if trait in present)
            if weight:
                weights.append((organism.name, weight))
        # a patient has one organism at several sites
        known = {culture.organism for culture in stay.cultures if culture.organism}
        pool = [(name, weight * (12 if name in known else 1)) for name, weight in weights]
        return Weighted(pool).draw(chance) if pool else None
