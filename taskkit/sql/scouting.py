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
STRICTNESS = 12  # questions turned down for one that tells every mutant


@dataclass(frozen=True, slots=True)
class Scouted:
    """What the pilot of a template shows."""

    pilot: Pilot
    question_filter: QuestionFilter
    capacity: int
    """How many questions it can make, about."""

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

    def fill(self, site: Site) -> Iterator[Question | Rejection]:
        """Make the questions."""
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
        learnt = QuestionFilter.of(pilot.questions, site.trials) if site.sift else QuestionFilter()
        check = partial(_check, learnt, site)
        found = capacity(filler, template, pilot, ceiling=self._most, check=check)
        return Scouted(pilot, learnt, found)


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
    shares = plan({name: one.capacity for name, one in found.items()}, total)
    known = [(share, found[share.template]) for share in shares]
    work = [Piece(share, one.pilot, one.question_filter) for share, one in known]
    return work, [one.barren(name) for name, one in found.items() if not one.capacity]


def _check(question_filter: QuestionFilter, site: Site, question: Question) -> str | None:
    return "; ".join(question_filter.missed(question, site.trials)) or None
