"""A document's text, to look up where its fields stand."""

from __future__ import annotations

from typing import Any

import yaml

from taskkit.spec.reader import Parser

Location = tuple[int | str, ...]
"""Names and positions on the way to a field, as pydantic gives them."""


class Page:
    """The fields of a document that `load` has accepted."""

    def __init__(self, text: str) -> None:
        self._root: Any = yaml.compose(text, Loader=Parser)

    def place(
        self, location: Location, *, key: bool = False, missing: bool = False
    ) -> tuple[int, int, str]:
        """Return line, column and path of a field; the tag of a union names none.

        Args:
            location: Where the field is.
            key: Point at the field's name, not at its value.
            missing: The last name is not there; point at what should hold it.
        """
        node, path = self._root, ""
        mark = node.start_mark
        for number, step in enumerate(location, 1):
            if isinstance(node, yaml.MappingNode):
                pair = next((pair for pair in node.value if pair[0].value == step), None)
                if pair is not None:
                    node, path = pair[1], f"{path}.{step}"
                    mark = pair[0].start_mark if key else node.start_mark
                elif missing and number == len(location):
                    path = f"{path}.{step}"
            elif isinstance(step, int) and isinstance(node, yaml.SequenceNode):
                node, path = node.value[step], f"{path}[{step}]"
                mark = node.start_mark
        return mark.line + 1, mark.column + 1, path.removeprefix(".")
