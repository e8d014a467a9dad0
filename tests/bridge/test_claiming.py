"""Who may take a handoff for themselves, where the settings ask that they be online."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bridge.attending import Seat
from bridge.claiming import claimant, must_go_online
from bridge.commands import (
    Accepted,
    Assign,
    Attend,
    Command,
    Doing,
    Escalation,
    OpenHandoff,
    Rejected,
    Release,
    Reopen,
    Resolve,
    SendHeld,
    SendTemplate,
    TakeOver,
    ToAgent,
    ToConversation,
    ToHandoff,
    ToMessage,
    Transfer,
)
from bridge.effects import Line, Mark
from bridge.model import DEFAULT_WORKSPACE, Agent, AgentId, Handoff, Standing, Status
from bridge.queues import Queue, Routing
from bridge.routing import Bench
from tests.bridge.driver import ANA, BEN, BOT, CNV, SAM
from tests.bridge.house import API, POLICY, house
from tests.bridge.test_talk import handed_over, lines, marks, replies

STRICT = replace(BOT, staffing=replace(BOT.staffing, online_required=True))
ROUTED = replace(STRICT, queues=(Queue(routing=Routing.LEAST_BUSY),))
TOOL = Agent(AgentId("key:1"), "crm")
AWAY = Seat(DEFAULT_WORKSPACE, ANA.id, online=False, by_hand=True)
IDLE = replace(AWAY, by_hand=False)
THERE = replace(IDLE, online=True)
ON: Any = ToHandoff(SAM.workspace_id)  # type: ignore[arg-type]
TALK = ToConversation(CNV)
MESSAGE: Any = ToMessage(id="msg_1")  # type: ignore[arg-type]


def handoff(status: Status = Status.QUEUED, assignee: Agent | None = None) -> Handoff:
    had = assignee.id if assignee else None
    return Handoff(ON.id, SAM.workspace_id, CNV, status, assignee=had)


FREE, HERS = handoff(), handoff(Status.ASSIGNED, ANA)
BENS, OVER = handoff(Status.ASSIGNED, BEN), handoff(Status.RESOLVED, BEN)
CLAIMS: list[tuple[Command, Handoff | None, Agent | None]] = [
    (Assign("k", 1, ON, ANA, ANA), FREE, ANA),
    (Assign("k", 1, ON, ANA, ANA), BENS, ANA),
    (Assign("k", 1, ON, ANA, ANA), HERS, None),
    (Assign("k", 1, ON, BEN, ANA), FREE, None),
    (Assign("k", 1, ON, TOOL, ANA), FREE, ANA),
    (Transfer("k", 1, ON, ANA, ANA), BENS, ANA),
    (Transfer("k", 1, ON, ANA, None, "billing"), BENS, None),
    (TakeOver("k", 1, TALK, ANA), None, ANA),
    (TakeOver("k", 1, ON, ANA), BENS, ANA),
    (SendHeld("k", 1, MESSAGE, ANA), FREE, ANA),
    (SendHeld("k", 1, MESSAGE, ANA), BENS, None),
    (SendHeld("k", 1, MESSAGE, ANA, take_over=True), BENS, ANA),
    (SendHeld("k", 1, MESSAGE, ANA), OVER, ANA),
    (SendTemplate("k", 1, ON, ANA, "hello"), FREE, ANA),
    (SendTemplate("k", 1, ON, ANA, "hello"), BENS, None),
    (Reopen("k", 1, ON, ANA), OVER, ANA),
    (Reopen("k", 1, ON, ANA), BENS, None),
    (Reopen("k", 1, ON, TOOL, for_last=True), OVER, None),
    (Release("k", 1, ON, ANA), BENS, None),
]


@pytest.mark.parametrize(("command", "of", "who"), CLAIMS)
def test_who_takes_something_by_a_command(
    command: Command, of: Handoff | None, who: Agent | None
) -> None:
    assert claimant(command, of) == (who and who.id)


@pytest.mark.parametrize(
    ("by", "policy", "seat", "refused"),
    [
        (ANA, STRICT, THERE, False),
        (ANA, STRICT, AWAY, True),
        (ANA, STRICT, IDLE, False),
        (ANA, STRICT, None, True),
        (ANA, ROUTED, None, False),
        (ANA, BOT, AWAY, False),
        (TOOL, STRICT, THERE, False),
        (TOOL, STRICT, IDLE, True),
        (TOOL, STRICT, None, True),
    ],
)
def test_who_does_something_is_there_by_that_unless_they_said_that_they_are_not(
    by: Agent, policy: Any, seat: Seat | None, refused: bool
) -> None:
    command = Assign("k", 1, ON, by, ANA)
    assert must_go_online(command, FREE, Bench(seat), policy) is refused


def test_a_first_reply_of_who_is_away_is_held_and_claims_once_they_are_there() -> None:
    world = handed_over(STRICT, None)
    world.bench = Bench(AWAY)
    message = replies(world, "hello")
    assert (message.standing, message.held_for) == (Standing.HELD, "online_required")
    send = SendHeld(world.key(), world.now, ToMessage(message.id), ANA)
    assert world.do(send) == Rejected("online_required")
    world.bench = Bench(THERE)
    world.do(replace(send, key=world.key()))
    assert world.messages[message.id].leaves
    assert world.handoff is not None
    assert world.handoff.assignee == ANA.id


def test_a_word_in_the_thread_is_told_why_not() -> None:
    world = handed_over(STRICT, None)
    world.do(Assign(world.key(), world.now, TALK, ANA, ANA, said="C1/9"))
    assert marks(world)[-1] is Mark.FAILED
    assert lines(world)[-1] == (Line.REFUSED, "online_required")
    ben = world.do(Resolve(world.key(), world.now, TALK, BEN))
    assert isinstance(ben, Accepted)
    assert isinstance(world.do(Reopen(world.key(), world.now, TALK, BEN)), Rejected)


async def test_the_store_knows_who_is_there(tmp_path: Path) -> None:
    strict = replace(POLICY, staffing=replace(POLICY.staffing, online_required=True))
    async with house(f"sqlite:///{tmp_path}/desk.db", policy=strict) as home:
        asked = OpenHandoff(home.key(), home.clock.now, SAM, API, Escalation("help"))
        opened = await home.do(asked)
        assert isinstance(opened, Accepted)
        to = ToHandoff(opened.data["id"])

        async def takes() -> Any:
            return await home.do(Assign(home.key(), home.clock.now, to, ANA, ANA))

        assert await takes() == Rejected("online_required")
        here = ToAgent(DEFAULT_WORKSPACE, ANA.id)
        there = Attend(home.key(), home.clock.now, here, ANA.as_author(), Doing.ONLINE)
        await home.do(there)
        assert isinstance(await takes(), Accepted)
