"""The templates of a domain, read and checked."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import sqlglot

from taskkit.errors import SpecError, blame
from taskkit.spec.document import read_document
from taskkit.sql.questions.adaptation import Adaptation, Adapter
from taskkit.sql.questions.coverage import empty_tables, reads
from taskkit.sql.questions.dialogue import DialogueFile, FollowUp, compiled
from taskkit.sql.questions.population import slots_of_query
from taskkit.sql.questions.rendering import code, put
from taskkit.sql.questions.template import BankFile, Population, Template, TemplateFile, slots_of

BANK_FILE = "bank.yaml"
FOLDER = "templates"
DIALOGUES = "dialogues"
LITERAL = re.compile(r"'(?:[^']|'')*'")  # of a text, in SQL


@dataclass(frozen=True)
class Entry:
    """A template with what its place in the bank says of it."""

    template: Template
    category: str
    where: str
    """File and id, for messages."""
    population: str
    """SQL whose rows fill the slots."""
    follow_ups: tuple[FollowUp, ...] = ()
    """The turns that follow, where it opens a dialogue."""


@dataclass(frozen=True)
class Bank:
    """The templates of a domain by id."""

    now: str
    """The current time of the questions."""
    entries: Mapping[str, Entry]

    @classmethod
    def load(cls, folder: Path) -> Bank:
        """Read bank.yaml, templates/*.yaml and dialogues/*.yaml of a domain's folder.

        Raises:
            SpecError: a file is no document of its kind, an id is given twice, a population is
                missing, or a phrasing leaves out a slot that changes the answer.
        """
        shared = read_document(folder / BANK_FILE, BankFile)
        entries: dict[str, Entry] = {}
        if shared.extends is not None:
            shared, entries = _extended(folder, shared, shared.extends)
        for category, path, template in _templates(folder):
            where = f"{path}: {template.id}"
            sql = _population(template, shared.populations, where)
            _check_phrasings(template, where)
            _add(entries, Entry(template, category, where, sql))
        for path in sorted((folder / DIALOGUES).glob("*.yaml")):
            dialogues = read_document(path, DialogueFile)
            for dialogue in dialogues.dialogues:
                where = f"{path}: {dialogue.id}"
                template, follow_ups = compiled(dialogue, where)
                sql = _population(template, shared.populations, where)
                _add(entries, Entry(template, dialogues.category, where, sql, follow_ups))
        if not entries:
            raise SpecError(f"{folder / FOLDER}: no *.yaml: need at least one file of templates")
        return cls(shared.now, entries)

    def supported(self, connection: sqlite3.Connection) -> tuple[Bank, dict[str, str]]:
        """Give the part that a database has rows for; of each other template, a table it lacks."""
        empty = set(empty_tables(connection))
        lacks = {
            name: min(missing)
            for name, entry in self.entries.items()
            if (missing := (reads(entry.template.sql) | reads(entry.population)) & empty)
        }
        kept = {name: entry for name, entry in self.entries.items() if name not in lacks}
        return replace(self, entries=kept), lacks

    def check(self, connection: sqlite3.Connection) -> None:
        """Prepare every query against a database of the domain's schema.

        Raises:
            SpecError: a query does not parse, names something that the schema lacks, or has a
                slot that nothing fills.
        """
        for entry in self.entries.values():
            self._check(entry, connection)

    def _check(self, entry: Entry, connection: sqlite3.Connection) -> None:
        template, where = entry.template, entry.where
        columns = _prepare(connection, put(entry.population, {"now": f"'{self.now}'"}), where)
        given = {*columns, *template.choices, "now"} | ({"window"} if template.window else set())
        texts = [template.sql, *template.phrasings]
        texts += [text for one in entry.follow_ups for text in (one.sql, *one.phrasings)]
        for text in texts:
            if unknown := slots_of(text) - given:
                names = ", ".join(sorted(given - {"at"}))
                raise SpecError(f"{where}: {{{min(unknown)}}}: nothing fills it; there are {names}")
        for sql in (template.sql, *(one.sql for one in entry.follow_ups)):
            _check_quotes(sql, template, where)
        if template.window and "at" not in columns:
            raise SpecError(f"{where}: its population has no column `at`, which a window needs")
        for sql in samples(template, columns, self.now, *(one.sql for one in entry.follow_ups)):
            _prepare(connection, sql, where)
            try:
                sqlglot.parse_one(sql, dialect="sqlite")
            except sqlglot.errors.ParseError as error:
                raise SpecError(f"{where}: sql: not for sqlglot: {error}") from error


def samples(template: Template, columns: tuple[str, ...], now: str, *others: str) -> Iterator[str]:
    """The template's SQL, once for every value of every choice, other slots standing at NULL.

    Args:
        others: More SQL with the same slots.
    """
    values = dict.fromkeys(columns, "null") | {"now": f"'{now}'"}
    if template.window:
        values["window"] = f"{template.window.column} < '{now}'"
    first = {name: code(options[0]) for name, options in template.choices.items()}
    for sql in (template.sql, *others):
        yield put(sql, values | first)
        for name, options in template.choices.items():
            for option in options[1:]:
                yield put(sql, values | first | {name: code(option)})


def _templates(folder: Path) -> Iterator[tuple[str, Path, Template]]:
    """Each template of a folder with its category and its file."""
    for path in sorted((folder / FOLDER).glob("*.yaml")):
        file = read_document(path, TemplateFile)
        for template in file.templates:
            yield file.category, path, template


def _extended(
    folder: Path, own: BankFile, extends: Adaptation
) -> tuple[BankFile, dict[str, Entry]]:
    """The populations of both domains, and the templates that one takes over from the other."""
    home = folder.parent / extends.domain
    adapter = Adapter(extends, folder / BANK_FILE)
    theirs = read_document(home / BANK_FILE, BankFile).populations
    populations = {
        name: population.model_copy(update={"sql": adapter.sql(population.sql)})
        for name, population in theirs.items()
    } | own.populations
    replaced = {template.id for _, _, template in _templates(folder)}
    entries: dict[str, Entry] = {}
    ids = set()
    for category, path, template in _templates(home):
        ids.add(template.id)
        if template.id in adapter.without | replaced:
            continue
        where = f"{path}: {template.id}: over {folder.name}"
        with blame(SpecError, where):
            adapted = Template.model_validate(adapter.adapt(template.model_dump()))
        entry = Entry(adapted, category, where, _population(adapted, populations, where))
        _add(entries, entry)
    adapter.check(ids)
    return own.model_copy(update={"populations": populations}), entries


def _add(entries: dict[str, Entry], entry: Entry) -> None:
    name = entry.template.id
    if name in entries:
        raise SpecError(f"{entry.where}: the id is also in {entries[name].where}")
    entries[name] = entry


def _prepare(connection: sqlite3.Connection, sql: str, where: str) -> tuple[str, ...]:
    try:
        return slots_of_query(connection, sql)
    except sqlite3.Error as error:
        raise SpecError(f"{where}: sql: {error}") from error


def _population(template: Template, populations: Mapping[str, Population], where: str) -> str:
    if template.fill is not None:
        return template.fill
    name = str(template.population)
    if name not in populations:
        known = ", ".join(sorted(populations)) or "none"
        raise SpecError(f"{where}: population: {name!r} is not in {BANK_FILE}, which has {known}")
    return populations[name].sql


def _check_quotes(sql: str, template: Template, where: str) -> None:
    """Refuse a slot in quotes, which no value would meet; a choice stands as it is."""
    for text in LITERAL.findall(sql):
        if quoted := slots_of(text) - template.choices.keys():
            raise SpecError(
                f"{where}: sql: {text}: a slot in quotes: need {{{min(quoted)}}} without them,"
                " since its literal has its own"
            )


def _check_phrasings(template: Template, where: str) -> None:
    for number, phrasing in enumerate(template.phrasings, 1):
        if missing := template.telling - slots_of(phrasing):
            raise SpecError(f"{where}: phrasing {number}: {{{min(missing)}}} is missing: need it")
    if len(set(template.phrasings)) < len(template.phrasings):
        raise SpecError(f"{where}: a phrasing is given twice")
