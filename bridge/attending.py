"""Agents' seats: who is online, who is away, and since when. Pure.

An agent goes online or away by saying so; whoever writes or clicks is online, too, unless they said
that they are away. Who does nothing for long is asked whether they are still there, and then away;
what they do next brings them back. Nobody has a seat before they first did something here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bridge.commands import Attend, Doing
from bridge.effects import TellAgent
from bridge.events import Event, Kind, cause_of
from bridge.model import SECOND, AgentId, ConversationId, Micros, WorkspaceId, derive_id, replace

FRESH: Micros = 300 * SECOND
"""For so long what an agent did says more than what the desk's network says of them."""
TOPIC_SEATS = "seats"
"""Of the bell: somebody is online, or away, who was not."""
ASKED = (
    "Are you still there? You have done nothing here for a while. Write or press anything, or you "
    "are away soon and get nothing new."
)
GONE = "You are away now, since you did nothing here for long. Go online when you are back."


@dataclass(frozen=True, slots=True)
class Seat:
    """`by_hand`: they said themselves that they are away. `since`: online or away since then;
    `active_at`: when they last did something; `asked_at`: when they were asked whether they are
    there, zero: not since; `given_at`: when routing last gave them something."""

    workspace_id: WorkspaceId
    id: AgentId
    online: bool = False
    by_hand: bool = False
    since: Micros = 0
    active_at: Micros = 0
    asked_at: Micros = 0
    given_at: Micros = 0


@dataclass(frozen=True, slots=True)
class Attended:
    """What became of it. `refused`: why nothing did; `stirs`: routing is to look."""

    seat: Seat
    data: dict[str, Any]
    refused: str = ""
    event: Event | None = None
    effects: tuple[TellAgent, ...] = ()
    stirs: bool = False


def attend(seat: Seat | None, command: Attend) -> Attended:
    """What the command does to the agent's seat; None: they have none yet."""
    now = seat or Seat(command.to.workspace_id, command.to.id)
    match command.doing:
        case Doing.ASKED | Doing.IDLE:
            return _idle(now, command)
        case Doing.AWAY:
            return _turned(now, command, online=False, by_hand=True)
        case Doing.ABSENT:
            return _absent(now, command)
        case Doing.PRESENT if now.by_hand:
            return Attended(now, {}, refused="said_away")
        case Doing.SEEN if now.by_hand or not (seat or command.opens):
            return Attended(now, {}, refused="said_nothing")
        case _:
            return _turned(now, command, online=True)


def _idle(seat: Seat, command: Attend) -> Attended:
    """Only who is online still and has done nothing since then."""
    if not seat.online or seat.active_at != command.active_at:
        return Attended(seat, {}, refused="not_idle")
    if command.doing is Doing.IDLE:
        turned = _turned(seat, command, online=False)
        return replace(turned, effects=(TellAgent(seat.id, GONE),))
    if seat.asked_at:
        return Attended(seat, {}, refused="asked_already")
    told = TellAgent(seat.id, ASKED)
    return replace(_same(replace(seat, asked_at=command.at)), effects=(told,), stirs=True)


def _absent(seat: Seat, command: Attend) -> Attended:
    """What they did here a moment ago says more."""
    if not seat.online or command.at - seat.active_at < FRESH:
        return Attended(seat, {}, refused="not_idle")
    return _turned(seat, command, online=False)


def _turned(seat: Seat, command: Attend, *, online: bool, by_hand: bool = False) -> Attended:
    changed = seat.online is not online
    after = replace(
        seat,
        online=online,
        by_hand=by_hand,
        since=command.at if changed or not seat.since else seat.since,
        active_at=command.at if command.doing not in (Doing.IDLE, Doing.ABSENT) else seat.active_at,
        asked_at=0,
    )
    if not changed:
        return _same(after)
    kind = Kind.AGENT_ONLINE if online else Kind.AGENT_AWAY
    body = {"agent": seat.id, "why": str(command.doing)}
    named, cause = derive_id("evt", command.key), cause_of(command, command.key)
    event = Event(
        kind, command.at, ConversationId(""), command.by, body=body, id=named, cause=cause
    )
    return replace(_same(after), event=event, stirs=True)


def _same(seat: Seat) -> Attended:
    return Attended(seat, {"agent": seat.id, "online": seat.online})
