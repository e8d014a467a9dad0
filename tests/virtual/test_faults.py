"""Every fault of the workspace's script in turn, while customers and agents talk: what the thread
and the customers show is whole, once, and in order, and what a customer says is taken at once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest

from sandbox.slack.fault_kinds import CALL, EVENTS, KINDS, REQUESTS
from tests.scenarios.thread import Json
from tests.thorough import THOROUGH
from tests.virtual.clock import World
from tests.virtual.house import House
from tests.virtual.talk import Talk, begins

TROUBLE = 20.0
"""Seconds for which a fault is in force."""
LIKE: dict[str, Json] = {
    "ratelimit": {"retry_after": 4},
    "tier_limits": {"per_minute": 3},
    "slow": {"seconds": 12.0},
    "message_not_found": {"count": 1},
    "already_reacted": {"when": "after"},  # which is then the truth
    "no_reaction": {"when": "after"},
    "msg_too_long": {"count": 1},  # said of the blocks; the words alone are taken
    "late_events": {"seconds": 8.0},
    "shuffle_events": {"seconds": 8.0},
    "silence": {"seconds": TROUBLE},
    "event_limit": {"per_hour": 1},
    "cut_socket": {"count": 6},
    "late_requests": {"seconds": 4.0},
}
"""How a fault is, beside its kind."""
OTHERWISE: list[tuple[str, Json]] = [
    ("duplicate_events", {"concurrent": False}),
    ("http_500", {"when": "after"}),
    ("internal_error", {"when": "after"}),
    ("silence", {"lose": True, "seconds": TROUBLE}),
    ("outage", {"mode": "drop"}),
    ("outage", {"mode": "fail"}),
    ("outage", {"mode": "hang", "lose": True}),
]
NOBODY = "user_not_found"
"""Who Slack says does not exist is no member: that their words stay inside is right, and told by
`tests/adapters/slack/test_members.py`."""
OF_EACH_SORT = {
    "ratelimit 4",
    "drop_response_after_store",
    "http_500 after",
    "token_revoked",
    "is_archived",
    "thread_not_found",
    "cant_update_message",
    "msg_too_long 1",
    "internal_error after",
    "shuffle_events 8.0",
    "duplicate_events",
    "silence True 20.0",
    "lose_requests",
    "used_trigger",
    "outage hang True",
}
"""What `make test` tells; `make soak` tells all (see `THOROUGH`)."""
MUST_STRIKE = {"chat.postMessage", "chat.update", "conversations.history"}
"""Calls that each story makes while the fault is in force."""


def cases(kinds: Iterable[str]) -> list[Any]:
    plain = {kind: LIKE.get(kind, {}) for kind in kinds}
    every = [*plain.items(), *(case for case in OTHERWISE if case[0] in plain)]
    named = {" ".join([kind, *map(str, more.values())]): (kind, more) for kind, more in every}
    return [
        pytest.param({"kind": kind, **more}, id=name)
        for name, (kind, more) in named.items()
        if THOROUGH or name in OF_EACH_SORT
    ]


@pytest.mark.parametrize("rule", cases(kind for kind in KINDS if kind != NOBODY))
def test_whatever_slack_does_all_is_said_once_and_in_order(
    world: World, house: House, rule: Json
) -> None:
    kind = KINDS[rule["kind"]]
    used = world.run(_story(house, rule))
    if kind.hits == CALL and (not kind.methods or MUST_STRIKE.intersection(kind.methods)):
        assert used or rule["kind"] == "channel_limit", "the fault was never met"


@pytest.mark.parametrize("rule", cases({**EVENTS, **REQUESTS}))
def test_over_sockets_all_is_said_once_and_in_order_too(
    world: World, house_of_sockets: House, rule: Json
) -> None:
    assert world.run(_story(house_of_sockets, rule)), "the fault was never met"


async def _story(house: House, rule: Json) -> int:
    """Sam is in a thread when the trouble begins, and Kim comes in the midst of it; how often the
    fault struck."""
    await house.oracle.begins()
    sam = await begins(house, "Sam")
    await house.oracle.faults({"until": TROUBLE, **rule})
    kim = await begins(house, "Kim", answered=False)
    for _ in range(2):
        await _talks(sam)
        await kim.asks()
    used = await house.oracle.used()
    await house.oracle.faults()
    for talk in (sam, kim):
        await talk.finds_thread()
        await talk.asks()
        await talk.answers()
    for talk in (sam, kim):
        await talk.is_whole()
        await talk.ends()
    await house.clear()
    return used


async def _talks(talk: Talk) -> None:
    await talk.asks()
    await talk.answers()
    await talk.presses_everything()
    await asyncio.sleep(TROUBLE / 2)
