"""Opening a handoff, and what begins with it: who waits, for whom, and until when.

Steps of the table in `lifecycle.py`, as those in `handoffs.py`.
"""

from __future__ import annotations

from collections.abc import Iterable

from bridge import goals, idle, notice, still, triggering, window
from bridge.commands import Escalation, OpenHandoff, ToUser
from bridge.effects import CancelTimer, OpenThread, PostPreview, SetTimer, TimerKind
from bridge.events import Kind
from bridge.hours import after, is_open
from bridge.model import (
    Author,
    Awaiting,
    Handoff,
    HandoffId,
    Mode,
    Priority,
    Role,
    Status,
    Visibility,
    derive_id,
    replace,
)
from bridge.queues import chosen
from bridge.turn import Turn


def open_asked(turn: Turn, command: OpenHandoff) -> None:
    """A bot or a tool asks for a human through the API."""
    if command.epoch is not None and command.epoch != turn.conversation.epoch:
        turn.reject("stale_epoch", epoch=turn.conversation.epoch)
        return
    if isinstance(command.to, ToUser):
        turn.meet(command.to)
    if not turn.conversation.user_at:
        remember(turn, command.escalation)
    opened = open_handoff(turn, command.by, command.escalation, turn.conversation.seq)
    turn.data = {
        "id": opened.id,
        "conversation_id": opened.conversation_id,
        "status": str(opened.status),
        "open": turn.policy.staffed and is_open(turn.policy.queue(opened.queue).hours, turn.at),
    }


def refuse_second(turn: Turn, _command: OpenHandoff) -> None:
    handoff = turn.open_handoff
    turn.reject("handoff_open", id=handoff.id, conversation_id=handoff.conversation_id)


def remember(turn: Turn, wish: Escalation) -> None:
    """What was said before, told by a bot for a user who has never written to us, and only what
    came after the last telling. What a system said, its prompt perhaps, is for nobody outside; so
    is what the others are said to have said, where what a bot says is held."""
    told = turn.handoff.opened_at if turn.handoff else 0
    queue = wish.queue or queue_of(turn, wish.labels)
    held = bool(turn.policy.gate.holds(turn.contact, queue, ""))
    for author, text, at in wish.history:
        if not at or at > told:
            inside = author.role is Role.SYSTEM or (held and author.role is not Role.USER)
            visibility = Visibility.INTERNAL if inside else Visibility.PUBLIC
            turn.say(author, text, visibility=visibility, sent_at=at or turn.at)


def open_handoff(
    turn: Turn, by: Author, wish: Escalation, before: int, *, quiet: bool = False
) -> Handoff:
    """`before`: the last message that belongs to the time before; the preview ends there.
    `quiet`: nobody has to be found, so the user is not told of it."""
    turn.own(Mode.HUMAN)
    wish = triggering.wished(turn, wish)
    handoff = turn.handoff = _made(turn, wish, before)
    _enter(turn, handoff)
    turn.note(Kind.HANDOFF_QUEUED, by, reason=wish.reason, queue=handoff.queue)
    turn.do(OpenThread(handoff.id, 1))
    if before or wish.description:  # `before`: notes of earlier handoffs, too
        turn.do(PostPreview(handoff.id))
    triggering.shown(turn)
    turn.tell_bot("handoff.queued", reason=wish.reason)
    if not quiet:
        still.begun(turn)
    window.begun(turn)
    goals.begun(turn)
    _watch_deadline(turn)
    return handoff


def _made(turn: Turn, wish: Escalation, before: int) -> Handoff:
    conversation = turn.conversation
    labels = tuple(dict.fromkeys([*wish.labels, *turn.topics]))
    queue = wish.queue or queue_of(turn, labels)
    return Handoff(
        id=HandoffId(derive_id("hnd", turn.key, conversation.id)),
        workspace_id=conversation.workspace_id,
        conversation_id=conversation.id,
        status=Status.QUEUED,
        queue=queue,
        title=wish.title,
        description=wish.description,
        summary=wish.summary,
        priority=triggering.raised(turn, _priority(turn, wish, queue)),
        labels=labels,
        reason=wish.reason,
        reason_text=wish.reason_text,
        context=wish.context,
        opened_at=turn.at,
        opened_seq=before,
        expires_at=wish.expires_at or _deadline(turn, queue),
        terms=wish.terms,
        version=1,
        channel=conversation.channel,
    )


def _enter(turn: Turn, handoff: Handoff) -> None:
    """The conversation is in the handoff from now on, and nobody has said anything in it."""
    turn.conversation = replace(
        turn.conversation,
        handoff_id=handoff.id,
        paused_by="",
        agent_at=0,
        mentioned_at=0,
        created_at=turn.conversation.created_at or turn.at,
    )
    await_agent(turn)


def queue_of(turn: Turn, labels: Iterable[str] = ()) -> str:
    """Where a handoff of this conversation belongs when nobody names a queue."""
    return chosen(turn.policy.queues, labels, turn.conversation.locale or turn.contact.locale)


def _priority(turn: Turn, wish: Escalation, queue: str) -> Priority:
    """The queue's, unless who opens it says that it is another."""
    said = wish.priority
    return turn.policy.queue(queue).priority if said is Priority.NORMAL else said


def _deadline(turn: Turn, queue: str) -> int:
    """When nobody took it by then, the bot gets it back; without a bot it waits. Only the time
    counts in which the queue is open."""
    wait = turn.policy.assignment_timeout.get(turn.conversation.channel, 0)
    hours = turn.policy.queue(queue).hours
    return after(hours, turn.at, wait) if wait and turn.has_bot else 0


def queue_again(turn: Turn) -> None:
    """It waits for somebody anew, and so does the user: no less than at first, nor than its bot had
    asked for."""
    asked = turn.open_handoff.expires_at
    deadline = max(asked if asked > turn.at else 0, _deadline(turn, turn.open_handoff.queue))
    turn.change(status=Status.QUEUED, snoozed_until=0, expires_at=deadline)
    still.begun(turn, told=True)
    _watch_deadline(turn)


def _watch_deadline(turn: Turn) -> None:
    handoff = turn.open_handoff
    turn.do(CancelTimer(TimerKind.PATIENCE))
    if handoff.expires_at:
        turn.do(SetTimer(TimerKind.EXPIRY, handoff.expires_at, turn.conversation.epoch, handoff.id))


def await_agent(turn: Turn) -> None:
    """It is the agents' turn; the user waits since the first message that was not answered."""
    if turn.conversation.awaiting is not Awaiting.AGENT:
        turn.conversation = replace(
            turn.conversation, awaiting=Awaiting.AGENT, awaiting_since=turn.at
        )
        goals.waits(turn)
        notice.watch(turn)


def await_user(turn: Turn, awaiting: Awaiting = Awaiting.CUSTOMER) -> None:
    if awaiting is Awaiting.CUSTOMER and turn.conversation.awaiting is not awaiting:
        idle.watch(turn)
    turn.conversation = replace(
        turn.conversation, awaiting=awaiting, awaiting_since=turn.at, mentioned_at=0
    )
