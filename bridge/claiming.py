"""Taking a handoff for oneself, where the settings ask that whoever does is online. Pure.

Whoever writes or clicks is online by that (`attending.py`), so only who said that they are away,
or, where nothing is given out by itself, never said that they are there, has to say so first. A
tool's word is no sign of the agent for whom it takes something: they must be online. To give
something to a colleague is no claim.
"""

from __future__ import annotations

from bridge.commands import (
    AgentSaid,
    Assign,
    Command,
    Reopen,
    SendHeld,
    SendTemplate,
    TakeOver,
    Transfer,
)
from bridge.keys import is_person
from bridge.model import AgentId, Handoff
from bridge.policy import Policy
from bridge.routing import Bench

ONLINE_REQUIRED = "online_required"
"""The code of the refusal, and of what holds a first reply."""


def claimant(command: Command, handoff: Handoff | None) -> AgentId | None:
    """Who would take it by this command; None: nobody, or they have it already."""
    who = _taker(command, handoff)
    had = handoff is not None and handoff.assignee == who
    return None if had else who


def _taker(command: Command, handoff: Handoff | None) -> AgentId | None:
    free = handoff is None or handoff.assignee is None or not handoff.is_open
    match command:
        case Assign(agent=agent, by=by) | Transfer(agent=agent, by=by) if agent:
            return agent.id if agent.id == by.id or not is_person(by.id) else None
        case TakeOver(by=by):
            return by.id
        case SendHeld(by=by, take_over=takes) if takes or free:
            return by.id
        case AgentSaid(by=by) | SendTemplate(by=by) if free:
            return by.id
        case Reopen(by=by, for_last=False) if free:
            return by.id
    return None


def must_go_online(
    command: Command, handoff: Handoff | None, bench: Bench | None, to: Policy
) -> bool:
    """Whether the command's claimant may not take it as they are. `bench`: theirs."""
    who = claimant(command, handoff) if to.staffing.online_required else None
    if who is None:
        return False
    seat = bench.seat if bench else None
    by = getattr(command, "by", None)
    if getattr(by, "id", None) != who:
        return seat is None or not seat.online
    return seat.by_hand if seat else not to.routes
