"""Trees in Newick format, for the references that need them."""

from __future__ import annotations

from typing import Any


def parsed(newick: str) -> list[Any]:
    """A Newick text as nested [name, length, children]."""
    stack: list[list[Any]] = [["", 0.0, []]]
    text = newick.strip().rstrip(";")
    at = 0
    node = stack[0]
    while at < len(text):
        letter = text[at]
        if letter in "(,":
            if letter == "(":
                stack.append(node)
            node = ["", 0.0, []]
            stack[-1][2].append(node)
            at += 1
        elif letter == ")":
            node = stack.pop()
            at += 1
        else:
            end = at
            while end < len(text) and text[end] not in "(),":
                end += 1
            name, _, length = text[at:end].partition(":")
            node[0], node[1] = name.strip(), float(length) if length else 0.0
            at = end
    return node


def leaves(node: list[Any]) -> list[str]:
    """The names below a node, in order."""
    if not node[2]:
        return [node[0]]
    return [name for child in node[2] for name in leaves(child)]
