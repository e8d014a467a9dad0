"""Threads that heal: a handoff whose thread is gone goes on in a new one. Pure.

The new thread is the next generation of the handoff. What it begins with (the card, the last
messages, a line that says why) goes ahead of whatever waits in the conversation's lane for the
desk, and that follows it, once and in order. Everything of it is in the one transaction that takes
`ThreadLost`, so a process may be killed at any moment, and whoever is late with the same news finds
that it was taken, or that the thread is not the handoff's newest any more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bridge.commands import ThreadLost
from bridge.effects import Line, OpenThread, Outward, PostLine, PostMessage, PostPreview
from bridge.events import Kind
from bridge.model import HandoffId, Thread, replace
from bridge.turn import DESKBRIDGE, Turn

THREAD_LOST = "thread_lost"
"""Why something was not posted: its handoff is over, so its thread is not opened anew."""


def heal(turn: Turn, command: ThreadLost) -> None:
    """Opens the next thread, unless this one has been followed by another already."""
    thread, handoff = turn.case.thread, turn.open_handoff
    if thread is None or not _is(thread, command):
        return
    generation = thread.generation + 1
    called = handoff.assignee or ""
    turn.ahead += (
        OpenThread(handoff.id, generation),
        PostPreview(handoff.id, generation, turn.conversation.seq),
        PostLine(
            handoff.id, Line.MOVED, who=called, name=handoff.assignee_name, detail=command.reason
        ),
    )
    if called:
        turn.conversation = replace(turn.conversation, agent_at=turn.at)
    turn.note(Kind.THREAD_LOST, DESKBRIDGE, reason=command.reason, generation=thread.generation)
    turn.data = {"generation": generation}


def stay_lost(turn: Turn, _command: ThreadLost) -> None:
    """A handoff that is over needs no thread."""
    turn.reject("already_ended")


def _is(thread: Thread, command: ThreadLost) -> bool:
    to = command.to
    return (thread.team, thread.channel, thread.ts) == (to.team, to.channel, to.ts)


def following(ahead: Sequence[Outward], waiting: Sequence[Outward]) -> list[Outward]:
    """What waited, as it follows into the new thread: a message of which some parts stand in the
    old one is posted whole, and what an earlier thread was to begin with is said by the new one."""
    renewed = {each.handoff_id for each in ahead if isinstance(each, OpenThread)}
    kept = [each for each in waiting if not _is_beginning(each, renewed)]
    begun: set[str] = set()
    found: list[Outward] = []
    for each in kept:
        if isinstance(each, PostMessage) and each.message_id not in begun:
            begun.add(each.message_id)
            found += _parts_before(each)
        found.append(each)
    return found


def _is_beginning(effect: Outward, renewed: set[HandoffId]) -> bool:
    begins = isinstance(effect, OpenThread | PostPreview) or (
        isinstance(effect, PostLine) and effect.line is Line.MOVED
    )
    return begins and getattr(effect, "handoff_id", "") in renewed


def _parts_before(effect: PostMessage) -> Iterator[PostMessage]:
    return (replace(effect, part=part, mention="") for part in range(effect.part))
