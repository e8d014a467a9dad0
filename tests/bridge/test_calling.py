"""What a bot and tools are told of what a person said, once it can no longer be taken back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, cast

import pytest

from bridge.calling import LONGEST_UNDO, stretch
from bridge.errors import Retry
from bridge.model import Author, Message, Role, Standing
from bridge.stores import Reads
from tests.bridge.driver import CNV
from tests.bridge.test_perform import MESSAGE

AT = 1_000
REPLY = replace(
    MESSAGE, author=Author(Role.AGENT, "U1", "Ana"), sent_at=AT, standing=Standing.PENDING
)


@dataclass
class Said:
    messages: list[Message]

    async def between(self, conversation: str, after: int, to: int) -> list[Message]:
        return self.messages


@pytest.mark.parametrize(
    ("change", "later", "waits"),
    [
        ({}, 0, True),
        ({}, LONGEST_UNDO - 1, True),
        ({}, LONGEST_UNDO, False),
        ({"sent_parts": 1}, 0, False),
        ({"standing": Standing.SENT}, 0, False),
        ({"author": Author(Role.BOT, "robo")}, 0, False),
    ],
)
async def test_a_reply_that_may_be_taken_back_is_waited_for(
    change: dict[str, Any], later: int, waits: bool
) -> None:
    said = [replace(MESSAGE, standing=Standing.SENT), replace(REPLY, **change)]
    reading = stretch(cast(Reads, Said(said)), CNV, (0, 9), AT + later)
    if not waits:
        assert await reading == said
        return
    with pytest.raises(Retry, match="may_be_taken_back") as raised:
        await reading
    assert not raised.value.counts
