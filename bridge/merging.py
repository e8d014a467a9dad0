"""Messages of one thread that wait together are posted together.

When posts run out, the words of a user pile up behind the one that waits for its turn. They go with
it then, in one post, so that the wait does not grow with what is said. Which ones is written down
before the post is sent: a doubtful one is looked for, and repeated, with exactly those. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from bridge.model import Message
from bridge.stores import Behind

MOST = 12
"""Messages in one post."""


def may_lead(message: Message, parts: int) -> bool:
    """Whether others may go with it: not with a part of a long text."""
    return parts == 1 and not message.deleted


def together(
    head: Message, behind: Sequence[tuple[Behind, Message]], room: int, *, doubtful: bool
) -> list[tuple[Behind, Message]]:
    """Those that go with `head`: the next ones of the same speaker, in their order, as many as
    `room` (characters) takes; of a doubtful post those that went with it."""
    if doubtful:
        return [each for each in behind if each[0].joined]
    left = room - _length(head)
    fitting: list[tuple[Behind, Message]] = []
    for each in takewhile(lambda each: _same_speaker(head, *each), behind):
        left -= _length(each[1]) + 1
        if left < 0:
            break
        fitting.append(each)
    return fitting[: MOST - 1]


def _length(message: Message) -> int:
    """What came with it is named below its words."""
    return len(message.text) + sum(len(file.name) for file in message.attachments)


def _same_speaker(head: Message, behind: Behind, message: Message) -> bool:
    alike = message.author.role is head.author.role and message.author.id == head.author.id
    return alike and may_lead(message, behind.effect.parts)
