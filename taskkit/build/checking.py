"""Checks of what a builder prepares, before anything is made of it."""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

from pydantic import ValidationError

from taskkit.build.origin import Origin
from taskkit.build.protocol import Balance, Preparation, Unit
from taskkit.build.rejection import Rejection
from taskkit.errors import SpecError
from taskkit.plugin import article, said
from taskkit.spec.image import image_names
from taskkit.spec.manifest import Source, StoredAsset
from taskkit.spec.quarantine import QuarantineLine


def check_preparation(made: object, where: str) -> Preparation:
    """Check that a builder gave a preparation of which tasks can be made.

    Raises:
        SpecError: it did not; the message names the field.
    """
    if not isinstance(made, Preparation):
        raise SpecError(f"{where}: gave {made!r:.80}: need a Preparation")
    for fault in _faults(made):
        raise SpecError(f"{where}: {fault}")
    return made


def _faults(made: Preparation) -> Iterator[str]:
    """Give what is wrong with a preparation, each with what is needed."""
    yield from _several("origins", made.origins, Origin)
    yield from _several("units", made.units, Unit)
    yield from _several("early", made.early, Rejection)
    yield from _several("images", made.images, str)
    if made.units and not made.origins:
        yield "origins: none: need an Origin for each source that was read"
    for name in ("assets", "documents", "extra"):
        if not isinstance(getattr(made, name), Mapping):
            yield f"{name}: {getattr(made, name)!r:.80}: need a mapping from names"
    if made.limit is not None and (isinstance(made.limit, bool) or not isinstance(made.limit, int)):
        yield f"limit: {made.limit!r:.80}: need a number, or None"
    if made.balance is not None and not isinstance(made.balance, Balance):
        yield f"balance: {made.balance!r:.80}: need a Balance, or None"
    for origin in made.origins:
        yield from _origin(origin)
    for title, text in made.documents.items():
        if not isinstance(title, str) or not isinstance(text, str):
            yield f"document {title!r}: {text!r:.80}: need a text"
    yield from _files(made)
    names = Counter(unit.name for unit in made.units)
    for name, count in names.items():
        if not isinstance(name, str):
            yield f"unit {name!r}: need a text as its name"
        if count > 1:
            yield f"unit {name!r} stands twice: need a name for each"


def _several(name: str, given: object, kind: type) -> Iterator[str]:
    """Say that something is no sequence of a kind."""
    if not isinstance(given, Sequence) or isinstance(given, str | bytes):
        yield f"{name}: {given!r:.80}: need a list or tuple of {kind.__name__}"
        return
    for one in given:
        if not isinstance(one, kind):
            yield f"{name}: {one!r:.80}: need {article(kind.__name__)}"


def _origin(origin: Origin) -> Iterator[str]:
    try:
        Source(name=origin.name, licence=origin.licence, access=origin.access, sha256=origin.sha256)
    except ValidationError as error:
        yield f"origin {origin.name!r}: {said(error)}"


def _files(made: Preparation) -> Iterator[str]:
    for asset, path in made.assets.items():
        if not isinstance(path, str | Path) or not Path(path).is_file():
            yield f"asset {asset!r}: {path}: no such file: need a finished one"
        try:
            StoredAsset(name=asset, sha256="0" * 64, bytes=0)
        except ValidationError as error:
            yield f"asset {asset!r}: {said(error)}"
    for image in made.images:
        if image not in image_names():
            yield f"image {image!r}: unknown: need one of {', '.join(image_names())}"


def check_portable(made: Preparation, where: str) -> None:
    """Check that what a builder prepared can be passed to other processes.

    Raises:
        SpecError: it cannot; the message names the unit or the entry of `extra`.
    """
    parts = [(f"extra[{name!r}]", value) for name, value in made.extra.items()]
    for what, value in [*parts, *((f"unit {one.name!r}", one.payload) for one in made.units)]:
        try:
            pickle.dumps(value)
        except Exception as error:
            raise SpecError(
                f"{where}: {what}: cannot be passed to another process: {said(error)}:"
                " need numbers, texts, paths, lists, dictionaries, or classes of a package"
            ) from error


def check_rejection(one: Rejection, where: str, known: Collection[str]) -> Rejection:
    """Check that a rejection can be written down.

    Args:
        known: The codes that there are.

    Raises:
        SpecError: it cannot; the message names the field.
    """
    if one.code not in known:
        near = get_close_matches(str(one.code), known, 1)
        hint = f"did you mean {near[0]!r}?" if near else "declare it in domain.yaml"
        raise SpecError(
            f"{where}: rejection of record {one.record!r}: code {one.code!r}: unknown: {hint}"
            " (rejections: a name and what it means)"
        )
    try:
        evidence = None if one.evidence is None else dict(one.evidence)
        QuarantineLine(code=one.code, record=one.record, detail=one.detail, evidence=evidence)
    except (ValidationError, TypeError, ValueError) as error:
        raise SpecError(f"{where}: rejection of record {one.record!r}: {said(error)}") from error
    return one
