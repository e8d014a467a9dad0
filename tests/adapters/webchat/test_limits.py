"""How much one visitor may do, and from where they come."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
from starlette.requests import HTTPConnection

from adapters.webchat import limits as module
from adapters.webchat.limits import Limits, has_bot
from bridge.errors import TooMany
from bridge.model import Conversation, ConversationId
from storage.memory import MemoryLimiter
from tests.bridge.running import configured, in_file, with_bot


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Existing:
    """The conversations that there are; `asked` counts the look-ups."""

    def __init__(self, *known: str) -> None:
        self.known = set(known)
        self.asked = 0

    async def conversation(self, name: ConversationId) -> Conversation | None:
        self.asked += 1
        return object() if name in self.known else None  # type: ignore[return-value]


def connection(peer: str | None = "203.0.113.9", forwarded: str = "") -> HTTPConnection:
    """`forwarded`: the lines of X-Forwarded-For."""
    headers = [(b"x-forwarded-for", line.encode()) for line in forwarded.splitlines()]
    client = (peer, 1) if peer is not None else None
    return HTTPConnection({"type": "http", "headers": headers, "client": client})


def made(folder: Path, toml: str, reads: Any = None, clock: Clock | None = None) -> Limits:
    settings = configured(in_file(folder), folder, toml)
    return Limits(settings, MemoryLimiter(clock or Clock()), cast(Any, reads or Existing()))


async def taken(limits: Limits, conversation: str, where: HTTPConnection) -> float:
    """Seconds to wait; 0: it was taken."""
    try:
        await limits.message(ConversationId(conversation), where)
    except TooMany as error:
        return error.seconds
    return 0


async def test_so_many_messages_a_minute_and_then_a_wait(tmp_path: Path) -> None:
    clock = Clock()
    limits = made(
        tmp_path, "[webchat]\nmessages_per_minute = 3\nconversations_per_hour = 0\n", clock=clock
    )
    assert [await taken(limits, "a", connection()) for _ in range(4)] == [0, 0, 0, 20]
    assert await taken(limits, "b", connection()) == 0
    clock.now += 20
    assert await taken(limits, "a", connection()) == 0


async def test_new_conversations_count_against_their_address_and_known_ones_do_not(
    tmp_path: Path,
) -> None:
    reads = Existing("old")
    toml = "[webchat]\nmessages_per_minute = 0\nconversations_per_hour = 2\n"
    limits = made(tmp_path, toml, reads)
    here, there = connection(), connection("198.51.100.7")
    assert [await taken(limits, name, here) for name in "abab"] == [0, 0, 0, 0]
    assert await taken(limits, "c", here) == 1_800
    assert await taken(limits, "old", here) == 0
    assert await taken(limits, "c", there) == 0
    assert reads.asked == 5


async def test_only_so_many_conversations_are_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "KNOWN", 1)
    reads = Existing("a", "b")
    limits = made(tmp_path, "[webchat]\nmessages_per_minute = 0\n", reads)
    for name in "aabba":
        await taken(limits, name, connection())
    assert reads.asked == 3


async def test_signs_of_life_have_bounds_too_unless_there_are_none(tmp_path: Path) -> None:
    limits = made(tmp_path, "[webchat]\nmessages_per_minute = 3\n")
    for _ in range(module.SIGNALS_AT_ONCE):
        await limits.signal(ConversationId("a"))
    with pytest.raises(TooMany):
        await limits.signal(ConversationId("a"))
    free = made(tmp_path, "[webchat]\nmessages_per_minute = 0\n")
    for _ in range(module.SIGNALS_AT_ONCE + 1):
        await free.signal(ConversationId("a"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "1.2.3.4", "203.0.113.9"),
        ("10.0.0.1", "1.2.3.4", "1.2.3.4"),
        ("10.0.0.1", "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        ("10.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.2", "1.2.3.4"),
        ("10.0.0.1", "6.6.6.6\n1.2.3.4", "1.2.3.4"),
        ("10.0.0.1", "6.6.6.6\n1.2.3.4, 10.0.0.2\n10.0.0.3", "1.2.3.4"),
        ("10.0.0.1", "10.0.0.3", "10.0.0.3"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
        ("::ffff:1.2.3.4", "", "1.2.3.4"),
        ("unix", "1.2.3.4", "unix"),
        (None, "", ""),
    ],
)
def test_the_address_is_what_trusted_proxies_saw(
    tmp_path: Path, peer: str | None, forwarded: str, found: str
) -> None:
    limits = made(tmp_path, '[web]\ntrusted_proxies = ["10.0.0.0/8"]\n')
    assert limits.address(connection(peer, forwarded)) == found


def test_a_wait_is_told_in_whole_seconds_and_never_zero() -> None:
    assert [TooMany(seconds).seconds for seconds in (0.1, 1.0, 1.1)] == [1, 1, 2]


def test_a_bot_may_serve_some_channels_or_all(tmp_path: Path) -> None:
    bots = with_bot()
    every = configured(in_file(tmp_path), tmp_path, **bots)
    some = configured(
        in_file(tmp_path),
        tmp_path,
        f'[[bots]]\nurl = "{bots["BOT_URL"]}"\nsecret = "{bots["BOT_SECRET"]}"\n'
        'channels = ["messenger"]\n',
    )
    assert has_bot(every, "webchat")
    assert not has_bot(some, "webchat")
    assert has_bot(some, "messenger")
