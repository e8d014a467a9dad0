"""Whom the desk listens to: its own channel and its own threads, and nobody else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from adapters.slack.ear import Ear
from adapters.slack.macros import Typed
from adapters.slack.places import Places
from adapters.slack.verbs import Made
from bridge.commands import AgentCommand, AgentDeleted, AgentEdited, AgentSaid, ThreadLost
from sandbox.slack import seed
from tests.adapters.slack.things import view
from tests.adapters.slack.world import World

THREAD, TS = "1763600000.000100", "1763700000.000200"
SPOKEN = {"user": seed.ANA, "text": "hello", "ts": TS, "thread_ts": THREAD}
EDITED = {
    "subtype": "message_changed",
    "ts": "1763700002.000300",
    "message": {**SPOKEN, "edited": {"user": seed.ANA, "ts": "1763700001.000000"}},
    "previous_message": {**SPOKEN, "text": "helo"},
}
DELETED = {
    "subtype": "message_deleted",
    "ts": "1763700002.000300",
    "deleted_ts": TS,
    "previous_message": SPOKEN,
}
EVERY = pytest.mark.parametrize(
    ("event", "kind"), [(SPOKEN, AgentSaid), (EDITED, AgentEdited), (DELETED, AgentDeleted)]
)


async def heard(slack: World, event: dict[str, Any], channel: str) -> Made | ThreadLost | Typed:
    places = Places({seed.ORDERS}, slack.deps.reads)
    ear = Ear(slack.desk._members, places, strayed=lambda _stray: None)
    told = {"type": "message", "channel": channel, **event}
    return await ear.command({"type": "event_callback", "team_id": seed.TEAM, "event": told})


def asked(slack: World) -> list[str]:
    return [each["method"] for each in slack.box.calls.entries()]


@EVERY
async def test_the_desks_channel_is_heard_even_in_threads_that_are_not_known_yet(
    slack: World, event: dict[str, Any], kind: type[AgentCommand]
) -> None:
    assert isinstance(await heard(slack, event, seed.ORDERS), kind)


@EVERY
async def test_talk_of_other_channels_is_not_heard_and_nobody_is_asked_who_speaks(
    slack: World, event: dict[str, Any], kind: type[AgentCommand]
) -> None:
    assert await heard(slack, event, seed.GENERAL) is None
    assert asked(slack) == []


@EVERY
async def test_a_thread_goes_on_where_it_was_opened_though_the_desk_has_moved(
    slack: World, event: dict[str, Any], kind: type[AgentCommand]
) -> None:
    thread = await slack.opened(view())
    slack.books.threads[thread.handoff_id] = replace(thread, channel=seed.GENERAL, ts=THREAD)
    assert isinstance(await heard(slack, event, seed.GENERAL), kind)
