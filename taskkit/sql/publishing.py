"""Questions of published records, held against slightly wrong queries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from taskkit.build.rejection import Rejection
from taskkit.sql.mutants.contrast import ENOUGH, Contrast
from taskkit.sql.mutants.family import form
from taskkit.sql.questions.published import Published
from taskkit.sql.questions.publisher import answer_question, other_answers
from taskkit.sql.questions.question import Question
from taskkit.sql.site import Site

SHARD = 50  # records of one unit of work, or as many as share one form of query


def shards(records: Sequence[Published]) -> list[list[Published]]:
    """Cut records into units of work; those whose queries differ in values only stay together."""
    made: list[list[Published]] = []
    for group in _alike(records):
        if not made or len(made[-1]) + len(group) > SHARD:
            made.append([])
        made[-1] += group
    return made


def _alike(records: Sequence[Published]) -> list[list[Published]]:
    groups: dict[str, list[Published]] = {}
    for one in records:
        queries = [one.sql or "", *(sql for _, sql in one.follow_ups)]
        groups.setdefault("\n".join(map(form, queries)).casefold(), []).append(one)
    return list(groups.values())


def questions(site: Site, records: Sequence[Published]) -> Iterator[Question | Rejection]:
    """Answer the records of one unit of work."""
    for group in _alike(records):
        if not site.sift:
            yield from (answer_question(one, site.connection, site.options) for one in group)
        elif site.options.reground:
            for one in group:
                choose = Contrast(site.trials).best
                yield answer_question(one, site.connection, site.options, choose)
        else:
            yield from _distinct(site, group)


def _distinct(site: Site, group: Sequence[Published]) -> Iterator[Question | Rejection]:
    """Answer records with one form of query; leave out those that tell too few of its mutants.

    What the group cannot show of a mutant, the first record shows about other values.
    """
    contrast = Contrast(site.trials)
    answered = [answer_question(one, site.connection, site.options) for one in group]
    looks = {
        number: contrast.look(one)
        for number, one in enumerate(answered)
        if isinstance(one, Question) and one.sql is not None and not one.guessable
    }
    if looks and contrast.asked < ENOUGH and contrast.open(looks.values()):
        for other in other_answers(group[min(looks)], site.connection, site.options):
            contrast.learn(other, contrast.open(looks.values()))
            if contrast.asked >= ENOUGH or not contrast.open(looks.values()):
                break
    for number, one in enumerate(answered):
        missed = contrast.missed(looks[number]) if number in looks else []
        if missed:
            yield Rejection(group[number].record, "indistinct", "; ".join(missed))
        else:
            yield one
