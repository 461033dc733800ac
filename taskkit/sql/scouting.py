"""Look at the first questions of every template before work on all of them is planned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from taskkit.build.origin import Progress
from taskkit.build.rejection import Rejection
from taskkit.pool.ordered import in_order
from taskkit.sql.mutants.question_filter import QuestionFilter
from taskkit.sql.mutants.trial import Trials
from taskkit.sql.questions.plan import Pilot, Share, capacity, ceiling, plan
from taskkit.sql.questions.question import Question
from taskkit.sql.site import Site

PLAN = "plan"
STRICTNESS = 12  # questions turned down for one that tells every mutant, where some may be missed
PATIENCE = 64  # questions turned down for each that is kept, where none may: then no more is made
EASY = 2.0  # a template is asked for no more than this times its share of passing questions allows


@dataclass(frozen=True, slots=True)
class Scouted:
    """What the pilot of a template shows."""

    pilot: Pilot
    question_filter: QuestionFilter
    capacity: int
    """How many questions it can make, about."""
    telling: int = 0
    """How many of them tell every mutant that can be told."""

    def barren(self, template: str) -> Rejection:
        """Say why it can make none."""
        tried = self.pilot.results
        rejected = [one for one in tried if isinstance(one, Rejection)]
        if not tried:
            return Rejection(template, "empty_answer", "its population has no row")
        if not rejected:
            what = f"a slightly wrong query answers each of its {len(tried)} first questions"
            return Rejection(template, "indistinct", what)
        code, count = Counter(one.code for one in rejected).most_common(1)[0]
        first = next(one for one in rejected if one.code == code)
        what = f"{count} of {len(tried)} first records, such as {first.record}: {first.detail}"
        return Rejection(template, code, what)


@dataclass(frozen=True, slots=True)
class Piece:
    """A share of the work on a template, with what is known of it."""

    share: Share
    pilot: Pilot
    question_filter: QuestionFilter
    strict: bool
    """Every question must tell every mutant that can be told."""

    def fill(self, site: Site) -> Iterator[Question | Rejection]:
        """Make the questions; fewer where those that tell are too rare."""
        if self.strict:
            yield from self._strictly(site)
        else:
            yield from self._leniently(site)

    def _strictly(self, site: Site) -> Iterator[Question | Rejection]:
        one, left = self.share, PATIENCE
        check = partial(_check, self.question_filter, site, strict=True)
        for result in site.filler.fill(
            one.template,
            one.count,
            part=one.part,
            parts=one.parts,
            known=self.pilot.results,
            check=check,
        ):
            yield result
            if isinstance(result, Question):
                left += PATIENCE
            elif result.code == "indistinct":
                left -= 1
            if not left:
                return

    def _leniently(self, site: Site) -> Iterator[Question | Rejection]:
        one = self.share
        enough = one.parts * one.count * (STRICTNESS + 1)
        spare = site.filler.known(one.template, enough) == enough
        yield from site.filler.fill(
            one.template,
            one.count,
            part=one.part,
            parts=one.parts,
            known=self.pilot.results,
            check=Demand(self.question_filter, site.trials, STRICTNESS if spare else 0),
        )


class Demand:
    """Asks for questions that tell all mutants that can be told, and for less where none comes."""

    def __init__(self, question_filter: QuestionFilter, trials: Trials, strictness: int) -> None:
        """Turn down up to so many questions in a row that the filter alone would let pass."""
        self._filter, self._trials = question_filter, trials
        self._strictness = self._left = strictness if question_filter.allowed else 0

    def __call__(self, question: Question) -> str | None:
        """Say which changes a question does not tell; None where it may be asked."""
        missed = self._filter.missed(question, self._trials, strict=self._left > 0)
        self._left = max(0, self._left - 1) if missed else self._strictness
        return "; ".join(missed) or None


class Scout:
    """Scouts templates, in one process."""

    def __init__(self, site: Site, most: int) -> None:
        """Scout for up to ``most`` questions of each."""
        self._site, self._most = site, most

    def __call__(self, template: str) -> Scouted:
        """Make the pilot of a template, and learn from it."""
        site, filler = self._site, self._site.filler
        pilot = Pilot.of(filler, template)
        if not site.sift:
            found = capacity(filler, template, pilot, ceiling=self._most)
            return Scouted(pilot, QuestionFilter(), found, found)
        learnt = QuestionFilter.of(pilot.questions, site.trials, site.other_patients.differs)
        found, telling = (
            capacity(
                filler,
                template,
                pilot,
                ceiling=self._most,
                check=partial(_indistinct, learnt, strict=strict),
            )
            for strict in (False, True)
        )
        return Scouted(pilot, learnt, found, min(found, self._easy(pilot, learnt, telling)))

    def _easy(self, pilot: Pilot, learnt: QuestionFilter, telling: int) -> int:
        """Ask less of a template the rarer its questions are that tell every mutant."""
        tried = len(pilot.results)
        passing = sum(not one.missed for one in learnt.known.values()) or 0.5
        most = max(1, int(EASY * passing / max(1, tried) * self._most))
        return min(max(1, telling), most)


def pieces(
    site: Site, templates: list[str], total: int, jobs: int, progress: Progress
) -> tuple[list[Piece], list[Rejection]]:
    """Plan the work that makes about ``total`` questions; the same for any number of jobs.

    Returns:
        The pieces of work, and a rejection of each template that can make no question.
    """
    scout = partial(Scout, site, ceiling(total, len(templates)))
    found: dict[str, Scouted] = {}
    for name, one in zip(templates, in_order(scout, templates, jobs), strict=True):
        found[name] = one
        progress(PLAN, len(found), len(templates))
    telling = {name: one.telling for name, one in found.items()}
    strict = sum(telling.values()) >= total
    known = telling if strict else {name: one.capacity for name, one in found.items()}
    work = [
        Piece(share, found[share.template].pilot, found[share.template].question_filter, strict)
        for share in plan(known, total)
    ]
    return work, [one.barren(name) for name, one in found.items() if not one.capacity]


def _indistinct(question_filter: QuestionFilter, question: Question, *, strict: bool) -> str | None:
    return None if question_filter.passes(question, strict=strict) else "indistinct"


def _check(
    question_filter: QuestionFilter, site: Site, question: Question, *, strict: bool
) -> str | None:
    return "; ".join(question_filter.missed(question, site.trials, strict=strict)) or None
