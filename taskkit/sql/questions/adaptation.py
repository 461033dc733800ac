"""The templates of one domain over the schema of another, whose names differ."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field

from taskkit.errors import SpecError
from taskkit.spec.base import Many, Name, Spec

Words = Annotated[dict[str, str], Field(default_factory=dict)]


class Adaptation(Spec):
    """Takes over the populations and templates of the domain beside this one.

    What this domain has under the same name or id takes the place of what is taken over.
    """

    domain: Name
    """The domain whose bank is taken over."""
    sql: Words
    """Words of its SQL to those of this schema: tables, columns, labels."""
    questions: Words
    """Words of its questions to those that fit here."""
    without: Many[Name] = ()
    """Ids of templates that do not fit."""


class Adapter:
    """Rewrites texts, and knows which words it has met."""

    def __init__(self, adaptation: Adaptation, where: Path) -> None:
        """Prepare the words."""
        self.where, self.without = where, frozenset(adaptation.without)
        self.sql, sql = _rewriter(adaptation.sql)
        self.questions, questions = _rewriter(adaptation.questions)
        self._unmet = {"sql": sql, "questions": questions}

    def adapt(self, template: Mapping[str, object]) -> dict[str, object]:
        """The document of a template with the words of this schema."""
        adapted = dict(template)
        for name in ("sql", "fill"):
            if isinstance(text := adapted.get(name), str):
                adapted[name] = self.sql(text)
        phrasings = adapted["phrasings"]
        assert isinstance(phrasings, Iterable)
        adapted["phrasings"] = [self.questions(one) for one in phrasings]
        for name, field in (("window", "column"), ("top", "by")):
            if isinstance(part := adapted.get(name), dict) and isinstance(part.get(field), str):
                adapted[name] = part | {field: self.sql(part[field])}
        choices = adapted["choices"]
        assert isinstance(choices, dict)
        adapted["choices"] = {
            name: [self._option(option) for option in options] for name, options in choices.items()
        }
        return adapted

    def _option(self, option: object) -> object:
        if not isinstance(option, dict):
            return option
        return {"words": self.questions(option["words"]), "sql": self.sql(option["sql"])}

    def check(self, ids: Collection[str]) -> None:
        """Hold that every word and every id left out occurs.

        Raises:
            SpecError: one does not.
        """
        if unknown := self.without - set(ids):
            raise SpecError(f"{self.where}: extends.without: {min(unknown)!r}: no such template")
        for field, unmet in self._unmet.items():
            if unmet:
                said = f"{min(unmet)!r}: occurs in no template"
                raise SpecError(f"{self.where}: extends.{field}: {said}")


def _rewriter(words: Mapping[str, str]) -> tuple[Callable[[str], str], set[str]]:
    """What puts words in the place of others, longest first; and those that it has not met."""
    unmet = set(words)
    if not words:
        return str, unmet
    ordered = sorted(words, key=lambda word: (-len(word), word))
    pattern = re.compile(rf"(?<!\w)({'|'.join(map(re.escape, ordered))})(?!\w)")

    def put(match: re.Match[str]) -> str:
        unmet.discard(match[0])
        return words[match[0]]

    return lambda text: pattern.sub(put, text), unmet
