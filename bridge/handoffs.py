"""Changes of hands: opening a handoff, giving it to somebody, ending it, pausing the bot.

Each function is a step of the table in `lifecycle.py`, which says in which state it may be taken.
Every change of owner goes through `Turn.own`, and so raises the epoch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bridge.commands import (
    Assign,
    Escalation,
    OpenHandoff,
    Pause,
    Reject,
    Release,
    Reopen,
    Resolve,
    Resume,
    SetLabels,
    SetPriority,
    Snooze,
    ToUser,
    UserEnded,
    Wake,
)
from bridge.effects import CancelTimer, Line, Mark, OpenThread, PostPreview, SetTimer, TimerKind
from bridge.events import Kind
from bridge.model import (
    Agent,
    AgentId,
    Author,
    Awaiting,
    Handoff,
    HandoffId,
    Mode,
    Role,
    Status,
    derive_id,
    replace,
)
from bridge.texts import Occasion
from bridge.turn import DESKBRIDGE, Turn

# --- opening -------------------------------------------------------------------------------------


def open_asked(turn: Turn, command: OpenHandoff) -> None:
    """A bot or a tool asks for a human through the API."""
    if command.epoch is not None and command.epoch != turn.conversation.epoch:
        turn.reject("stale_epoch", epoch=turn.conversation.epoch)
        return
    if isinstance(command.to, ToUser):
        turn.meet(command.to)
    if turn.conversation.seq == 0:
        remember(turn, command.escalation)
    opened = open_handoff(turn, command.by, command.escalation, turn.conversation.seq)
    turn.data = {
        "id": opened.id,
        "conversation_id": opened.conversation_id,
        "status": str(opened.status),
    }


def refuse_second(turn: Turn, _command: OpenHandoff) -> None:
    handoff = turn.open_handoff
    turn.reject("handoff_open", id=handoff.id, conversation_id=handoff.conversation_id)


def remember(turn: Turn, wish: Escalation) -> None:
    """What was said before, told by a bot that keeps its own channel."""
    for author, text, at in wish.history:
        turn.say(author, text, sent_at=at or turn.at)


def open_handoff(turn: Turn, by: Author, wish: Escalation, before: int) -> Handoff:
    """`before`: the last message that belongs to the time before; the preview ends there."""
    turn.own(Mode.HUMAN)
    conversation = turn.conversation
    handoff = Handoff(
        id=HandoffId(derive_id("hnd", turn.key, conversation.id)),
        workspace_id=conversation.workspace_id,
        conversation_id=conversation.id,
        status=Status.QUEUED,
        queue=wish.queue,
        title=wish.title,
        description=wish.description,
        summary=wish.summary,
        priority=wish.priority,
        labels=wish.labels,
        reason=wish.reason,
        reason_text=wish.reason_text,
        context=wish.context,
        opened_at=turn.at,
        opened_seq=before,
        expires_at=wish.expires_at or _deadline(turn),
        version=1,
    )
    turn.handoff = handoff
    turn.conversation = replace(conversation, handoff_id=handoff.id, paused_by="")
    await_agent(turn)
    turn.note(Kind.HANDOFF_QUEUED, by, reason=wish.reason, queue=wish.queue)
    turn.do(OpenThread(handoff.id, 1))
    if before or wish.description:
        turn.do(PostPreview(handoff.id))
    turn.tell_bot("handoff.queued", reason=wish.reason)
    turn.tell_user(Occasion.TRANSFER)
    _watch_deadline(turn)
    return handoff


def _deadline(turn: Turn) -> int:
    """When nobody took it by then, the bot gets it back; without a bot it waits."""
    wait = turn.policy.assignment_timeout.get(turn.conversation.channel, 0)
    return turn.at + wait if wait and turn.has_bot else 0


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


def await_user(turn: Turn, awaiting: Awaiting = Awaiting.CUSTOMER) -> None:
    turn.conversation = replace(turn.conversation, awaiting=awaiting, awaiting_since=turn.at)


# --- giving it to somebody -----------------------------------------------------------------------


def assign(turn: Turn, command: Assign) -> None:
    turn.mark(command.said, Mark.NOTE)
    give(turn, command.by, command.agent)


def give(turn: Turn, by: Agent, agent: Agent) -> None:
    handoff = turn.open_handoff
    if not agent.member:
        return turn.reject("assignee_not_a_member", name=agent.name)
    if handoff.assignee == agent.id:
        return wake(turn, by.as_author()) if handoff.status is Status.SNOOZED else _answer(turn)
    had = handoff.assignee is not None
    turn.change(
        status=Status.ASSIGNED,
        assignee=agent.id,
        assignee_name=agent.name,
        assignee_avatar=agent.avatar_url,
        assigned_at=handoff.assigned_at or turn.at,
        snoozed_until=0,
    )
    turn.own(Mode.HUMAN)
    turn.do(CancelTimer(TimerKind.EXPIRY))
    kind = Kind.HANDOFF_TRANSFERRED if had else Kind.HANDOFF_ASSIGNED
    turn.note(kind, by.as_author(), agent=agent.id, before=handoff.assignee)
    line = Line.TRANSFERRED if had else Line.ASSIGNED
    detail = "self" if by.id == agent.id else by.name
    turn.line(line, who=agent.id, name=agent.name, detail=detail)
    turn.tell_bot(str(kind), agent={"id": agent.id, "name": agent.name})
    turn.tell_user(Occasion.TRANSFERRED if had else Occasion.ASSIGNED)
    return _answer(turn)


def release(turn: Turn, command: Release) -> None:
    """Back to the queue; one that waits there already stays as it is."""
    handoff = turn.open_handoff
    turn.mark(command.said, Mark.NOTE)
    if handoff.status is not Status.QUEUED:
        turn.change(
            status=Status.QUEUED,
            assignee=None,
            assignee_name="",
            assignee_avatar="",
            snoozed_until=0,
        )
        turn.own(Mode.HUMAN)
        turn.note(Kind.HANDOFF_RELEASED, command.by.as_author(), before=handoff.assignee)
        turn.line(Line.RELEASED, who=command.by.id, name=command.by.name)
    _answer(turn)


def snooze(turn: Turn, command: Snooze) -> None:
    if command.until <= turn.at:
        return turn.reject("not_in_the_future")
    turn.mark(command.said, Mark.NOTE)
    turn.change(status=Status.SNOOZED, snoozed_until=command.until)
    turn.note(Kind.HANDOFF_SNOOZED, command.by.as_author(), until=command.until)
    turn.do(SetTimer(TimerKind.SNOOZE, command.until, turn.conversation.epoch, str(command.until)))
    turn.line(Line.SNOOZED, who=command.by.id, name=command.by.name, detail=str(command.until))
    return _answer(turn)


def wake(turn: Turn, by: Author) -> None:
    handoff = turn.open_handoff
    status = Status.ASSIGNED if handoff.assignee else Status.QUEUED
    turn.change(status=status, snoozed_until=0)
    turn.do(CancelTimer(TimerKind.SNOOZE))
    turn.note(Kind.HANDOFF_WOKEN, by)
    _answer(turn)


def wake_asked(turn: Turn, command: Wake) -> None:
    turn.mark(command.said, Mark.NOTE)
    wake(turn, command.by.as_author())


def stay_awake(turn: Turn, command: Wake) -> None:
    turn.mark(command.said, Mark.NOTE)
    _answer(turn)


def set_priority(turn: Turn, command: SetPriority) -> None:
    turn.mark(command.said, Mark.NOTE)
    if turn.open_handoff.priority is not command.priority:
        before = turn.open_handoff.priority
        turn.change(priority=command.priority)
        _changed(turn, command.by, priority=[str(before), str(command.priority)])
    _answer(turn)


def set_labels(turn: Turn, command: SetLabels) -> None:
    turn.mark(command.said, Mark.NOTE)
    before = turn.open_handoff.labels
    kept = [label for label in (*before, *command.add) if label not in command.remove]
    labels = tuple(dict.fromkeys(kept))
    if labels != before:
        turn.change(labels=labels)
        _changed(turn, command.by, add=list(command.add), remove=list(command.remove))
    _answer(turn)


def _changed(turn: Turn, by: Agent, **body: Any) -> None:
    turn.note(Kind.HANDOFF_CHANGED, by.as_author(), **body)


def _answer(turn: Turn) -> None:
    handoff = turn.open_handoff
    turn.data = {
        "id": handoff.id,
        "conversation_id": handoff.conversation_id,
        "number": handoff.number,
        "status": str(handoff.status),
    }


# --- the ends ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ending:
    """How an end is told: to the audit log and the bot by `kind`, to the user by `occasion`."""

    status: Status
    kind: Kind
    occasion: Occasion


RESOLVED = Ending(Status.RESOLVED, Kind.HANDOFF_RESOLVED, Occasion.RESOLVED)
REJECTED = Ending(Status.REJECTED, Kind.HANDOFF_REJECTED, Occasion.REJECTED)
EXPIRED = Ending(Status.EXPIRED, Kind.HANDOFF_EXPIRED, Occasion.TIMEOUT)
CANCELLED = Ending(Status.CANCELLED, Kind.HANDOFF_CANCELLED, Occasion.CANCELLED)


def end(turn: Turn, ending: Ending, by: Author, outcome: str, *, silent: bool = False) -> None:
    """The handoff is over, and the bot, where there is one, has the conversation back."""
    turn.change(
        status=ending.status,
        closed_at=turn.at,
        closed_by=by.name or by.id,
        outcome=outcome,
        closed_seq=turn.conversation.seq,
        snoozed_until=0,
    )
    turn.own(Mode.BOT)
    await_user(turn, Awaiting.NOBODY)
    turn.do(CancelTimer(TimerKind.EXPIRY), CancelTimer(TimerKind.SNOOZE))
    turn.note(ending.kind, by, reason=outcome)
    turn.line(Line.ENDED, who=by.id, name=by.name, detail=ending.status)
    turn.tell_bot(str(ending.kind), reason=outcome)
    if not silent:
        turn.tell_user(ending.occasion)
    turn.tell_bot("control.returned", outcome=str(ending.status), reason=outcome)
    _answer(turn)


def resolve(turn: Turn, command: Resolve) -> None:
    """By somebody while it still waits in the queue: then they are who dealt with it."""
    turn.mark(command.said, Mark.NOTE)
    if not turn.open_handoff.assignee:
        turn.change(assignee_name=command.by.name)
    end(turn, RESOLVED, command.by.as_author(), command.reason, silent=command.silent)


def reject_handoff(turn: Turn, command: Reject) -> None:
    turn.mark(command.said, Mark.NOTE)
    end(turn, REJECTED, command.by.as_author(), command.reason)


def cancel(turn: Turn, _command: UserEnded) -> None:
    end(turn, CANCELLED, Author(Role.USER, turn.contact.id, turn.contact.name), "user_left")


def expire(turn: Turn) -> None:
    end(turn, EXPIRED, DESKBRIDGE, "nobody_took_it")


def already_ended(turn: Turn, _command: Resolve | Reject) -> None:
    handoff = turn.open_handoff
    turn.reject("already_ended", status=str(handoff.status), by=handoff.closed_by)


def reopen(turn: Turn, command: Reopen) -> None:
    turn.mark(command.said, Mark.NOTE)
    open_again(turn, command.by.as_author(), command.by)


def stay_open(turn: Turn, command: Reopen) -> None:
    turn.mark(command.said, Mark.NOTE)
    _answer(turn)


def open_again(turn: Turn, by: Author, agent: Agent | None) -> bool:
    """The ended handoff goes on in its thread: for `agent`, or else for whoever had it last."""
    if _another_is_open(turn):
        turn.reject("handoff_open", id=turn.conversation.handoff_id)
        return False
    handoff = turn.open_handoff
    assignee, name, avatar = _next_for(handoff, agent)
    turn.change(
        status=Status.ASSIGNED if assignee else Status.QUEUED,
        assignee=assignee,
        assignee_name=name,
        assignee_avatar=avatar,
        closed_at=0,
        closed_by="",
        outcome="",
        opened_seq=turn.conversation.seq,
        closed_seq=0,
    )
    turn.own(Mode.HUMAN)
    turn.conversation = replace(turn.conversation, handoff_id=handoff.id, paused_by="")
    turn.do(CancelTimer(TimerKind.PATIENCE))
    turn.note(Kind.HANDOFF_REOPENED, by, agent=assignee)
    turn.line(Line.REOPENED, who=by.id, name=by.name, detail=by.role)
    turn.tell_bot("handoff.assigned" if assignee else "handoff.queued", reopened=True)
    if agent:
        turn.tell_user(Occasion.ASSIGNED)
    _answer(turn)
    return True


def _next_for(handoff: Handoff, agent: Agent | None) -> tuple[AgentId | None, str, str]:
    """Who has it now; one that was resolved while it waited was nobody's."""
    if agent:
        return agent.id, agent.name, agent.avatar_url
    if handoff.assignee is None:
        return None, "", ""
    return handoff.assignee, handoff.assignee_name, handoff.assignee_avatar


def _another_is_open(turn: Turn) -> bool:
    """Human without being paused means that an open handoff is there; is it not the case's?"""
    conversation = turn.conversation
    mine = turn.handoff is not None and turn.handoff.id == conversation.handoff_id
    return not mine and conversation.mode is Mode.HUMAN and not conversation.paused_by


# --- pause ---------------------------------------------------------------------------------------


def pause(turn: Turn, command: Pause) -> None:
    turn.own(Mode.HUMAN)
    turn.conversation = replace(
        turn.conversation, paused_by=command.by.name or command.by.id or "somebody"
    )
    turn.mark(command.said, Mark.NOTE)
    turn.do(CancelTimer(TimerKind.PATIENCE))
    turn.note(Kind.PAUSED, command.by, reason=command.reason)
    if command.said:
        turn.line(Line.PAUSED, who=command.by.id, name=command.by.name)
    turn.data = {"paused": True}


def stay_paused(turn: Turn, command: Pause) -> None:
    """Paused already, or with a human anyway: the bot is silent as it is."""
    turn.mark(command.said, Mark.NOTE)
    turn.data = {"paused": True}


def resume(turn: Turn, command: Resume) -> None:
    """In the thread of an old handoff it may be asked while another one is open."""
    if _another_is_open(turn):
        return turn.reject("handoff_open", id=turn.conversation.handoff_id)
    turn.own(Mode.BOT)
    turn.conversation = replace(turn.conversation, paused_by="")
    turn.mark(command.said, Mark.NOTE)
    turn.note(Kind.RESUMED, command.by)
    if command.said:
        turn.line(Line.RESUMED, who=command.by.id, name=command.by.name)
    turn.tell_bot("control.returned", outcome="resumed", reason="")
    turn.data = {"paused": False}
    return None


def leave_pause(turn: Turn, command: UserEnded) -> None:
    """The user wants the bot back, and may have it."""
    user = Author(Role.USER, turn.contact.id, turn.contact.name)
    resume(turn, Resume(command.key, command.at, command.to, user))


def stay_with_bot(turn: Turn, command: Resume) -> None:
    turn.mark(command.said, Mark.NOTE)
    turn.data = {"paused": False}


def resolve_first(turn: Turn, _command: Resume) -> None:
    handoff = turn.open_handoff
    turn.reject("handoff_open", id=handoff.id, number=handoff.number)
