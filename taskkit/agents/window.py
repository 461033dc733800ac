"""How a conversation is kept within a model's window, by one stated rule.

The size of a message is taken as one token for each three characters, which is more than any of
today's tokenizers makes of prose or code. Where the whole would be larger than the window allows,
the results of the oldest actions are left out, one after another, and say so; the system prompt,
the task and the last exchange are never cut. Where that does not suffice, the episode ends.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from taskkit.agents.protocol import Halt

CHARACTERS = 3  # of one token, at the least
KEPT = 2  # last messages that stay whole: the reply and what came of it
FIRST = 2  # first messages that stay whole: system and task
LEFT_OUT = "[left out, to stay within the window of {tokens} tokens]"

Message = dict[str, Any]


def size(message: Message) -> int:
    """Give the tokens that a message takes at most."""
    return len(json.dumps(message, ensure_ascii=False)) // CHARACTERS + 1


def fitted(messages: Sequence[Message], window: int | None, reply: int) -> list[Message]:
    """Give a conversation that fits a window.

    Args:
        window: Tokens of request and reply together; no bound where not given.
        reply: Tokens kept free for the reply.

    Raises:
        Halt: it is too long, whatever is left out.
    """
    kept = list(messages)
    if window is None:
        return kept
    total = sum(map(size, kept))
    notice = LEFT_OUT.format(tokens=window)
    for at in range(FIRST, len(kept) - KEPT):
        if total <= window - reply:
            break
        if kept[at]["role"] != "assistant":
            shorter = {**kept[at], "content": notice}
            total += min(0, size(shorter) - size(kept[at]))
            kept[at] = shorter if size(shorter) < size(kept[at]) else kept[at]
    if total > window - reply:
        raise Halt("context", f"about {total} tokens do not fit a window of {window}")
    return kept
