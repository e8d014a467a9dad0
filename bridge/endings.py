"""The ends of a handoff, and opening it again: steps of the table in `lifecycle.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bridge.commands import (
    Reject,
    Reopen,
    Resolve,
    UserEnded,
)
from bridge.effects import CancelTimer, Line, Mark, SetTimer, TimerKind
from bridge.events import Kind
from bridge.handoffs import answer, keep_open, put_labels, strange_labels
from bridge.keys import is_person
from bridge.model import Agent, AgentId, Author, Awaiting, Handoff, Mode, Role, Status, replace
from bridge.opening import await_user, queue_again
from bridge.ratings import ask
from bridge.terms import OnTimeout
from bridge.texts import Occasion
from bridge.turn import DESKBRIDGE, Turn


@dataclass(frozen=True, slots=True)
class Ending:
    """How an end is told: to the audit log and the bot by `kind`, to the user by `occasion`."""

    status: Status
    kind: Kind
    occasion: Occasion


WRAP_UP, SILENT = "wrap_up_required", "silent"
_OF_OPEN = (
    *(TimerKind.EXPIRY, TimerKind.STILL, TimerKind.SNOOZE, TimerKind.END),
    *(TimerKind.GOAL, TimerKind.RESOLUTION, TimerKind.IDLE),
)
RESOLVED = Ending(Status.RESOLVED, Kind.HANDOFF_RESOLVED, Occasion.RESOLVED)
REJECTED = Ending(Status.REJECTED, Kind.HANDOFF_REJECTED, Occasion.REJECTED)
EXPIRED = Ending(Status.EXPIRED, Kind.HANDOFF_EXPIRED, Occasion.TIMEOUT)
IDLE = Ending(Status.RESOLVED, Kind.HANDOFF_RESOLVED, Occasion.IDLE)
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
        ends_at=0,
        ends_by="",
        collaborators=(),
    )
    turn.own(Mode.BOT)
    await_user(turn, Awaiting.NOBODY)
    turn.do(*(CancelTimer(kind) for kind in _OF_OPEN))
    turn.note(ending.kind, by, reason=outcome)
    turn.line(Line.ENDED, who=by.id, name=by.name, detail=ending.status)
    turn.tell_bot(str(ending.kind), status=str(ending.status), reason=outcome)
    if not silent:
        turn.tell_user(ending.occasion)
        ask(turn)
    _return_control(turn, str(ending.status), outcome)
    answer(turn)


def _return_control(turn: Turn, status: str, outcome: str) -> None:
    """With the stretch as it is now: a bot may hear of it when the handoff goes on already."""
    handoff = turn.open_handoff
    name = handoff.assignee_name
    turn.tell_bot(
        "control.returned",
        stretch=(handoff.opened_seq, handoff.closed_seq),
        outcome=status,
        status=status,
        reason=outcome,
        agent={"id": handoff.assignee, "name": name} if name else None,
    )


def resolve(turn: Turn, command: Resolve) -> None:
    """Its labels are put on first: they may be what its queue wants to be told."""
    wrap_up = turn.policy.queue(turn.open_handoff.queue).wrap_up
    if strange := strange_labels(turn, command.labels):
        return turn.reject(strange)
    labels = (*turn.open_handoff.labels, *command.labels)
    missing = {} if command.unasked else wrap_up.missing(labels, command.reason)
    if missing:
        return _ask_more(turn, command, missing)
    if command.labels:
        put_labels(turn, command.by, command.labels)
    command = replace(command, reason=wrap_up.spelt(command.reason))
    turn.mark(command.said, Mark.NOTE)
    if command.undoable and turn.policy.undo_window:
        return _resolve_soon(turn, command)
    return _resolve(turn, command.by.as_author(), command.reason, silent=command.silent)


def _ask_more(turn: Turn, command: Resolve, missing: Mapping[str, str]) -> None:
    """Who typed it in the thread is asked there."""
    if not command.said:
        return turn.reject(WRAP_UP, fields=missing)
    turn.mark(command.said, Mark.FAILED)
    by = command.by
    given = f"{SILENT if command.silent else ''}\n{command.reason}"
    turn.line(Line.WRAP_UP, who=by.id, name=by.name, detail=given)
    turn.data = {"rejected": WRAP_UP, "fields": missing}
    return None


def _resolve(turn: Turn, by: Author, reason: str, *, silent: bool = False) -> None:
    """By somebody while it still waits in the queue: then they are who dealt with it."""
    if not turn.open_handoff.assignee and is_person(by.id):
        turn.change(assignee_name=by.name)
    end(turn, RESOLVED, by, reason, silent=silent)


def _resolve_soon(turn: Turn, command: Resolve) -> None:
    """Nothing goes out until it can no longer be taken back; the second click changes nothing."""
    if not turn.open_handoff.ends_at:
        due = turn.at + turn.policy.undo_window
        by = command.by
        turn.change(ends_at=due, ends_by=by.id, closed_by=by.name, outcome=command.reason)
        epoch, about = turn.conversation.epoch, turn.open_handoff.id
        turn.do(SetTimer(TimerKind.END, due, epoch, about))
    answer(turn)


def resolve_now(turn: Turn) -> None:
    """Nobody took it back."""
    handoff = turn.open_handoff
    by = Author(Role.AGENT, handoff.ends_by, handoff.closed_by)
    _resolve(turn, by, handoff.outcome)


def reject_handoff(turn: Turn, command: Reject) -> None:
    turn.mark(command.said, Mark.NOTE)
    end(turn, REJECTED, command.by.as_author(), command.reason)


def cancel(turn: Turn, _command: UserEnded) -> None:
    end(turn, CANCELLED, Author(Role.USER, turn.contact.id, turn.contact.name), "user_left")


def close_idle(turn: Turn) -> None:
    """Its user was answered and has said nothing more."""
    end(turn, IDLE, DESKBRIDGE, "idle")


def expire(turn: Turn) -> None:
    """Nobody took it in time; one that is to wait on does, and its user is told so."""
    if turn.open_handoff.terms.on_timeout is OnTimeout.WAIT:
        turn.change(expires_at=0)
        turn.note(Kind.HANDOFF_CHANGED, DESKBRIDGE, overdue=True)
        return turn.tell_user(Occasion.WAITING)
    return end(turn, EXPIRED, DESKBRIDGE, "nobody_took_it")


def already_ended(turn: Turn, _command: Resolve | Reject) -> None:
    handoff = turn.open_handoff
    turn.reject("already_ended", status=str(handoff.status), by=handoff.closed_by)


def reopen(turn: Turn, command: Reopen) -> None:
    turn.mark(command.said, Mark.NOTE)
    open_again(turn, command.by.as_author(), None if command.for_last else command.by)


def stay_open(turn: Turn, command: Reopen) -> None:
    turn.mark(command.said, Mark.NOTE)
    if keep_open(turn):
        turn.note(Kind.HANDOFF_REOPENED, command.by.as_author(), undone=True)
    answer(turn)


def open_again(turn: Turn, by: Author, agent: Agent | None) -> bool:
    """The ended handoff goes on in its thread: for `agent`, or else for whoever had it last."""
    if another_is_open(turn):
        turn.reject("handoff_open", id=turn.conversation.handoff_id)
        return False
    handoff = turn.open_handoff
    assignee, name, avatar = _next_for(handoff, agent)
    turn.change(
        status=Status.ASSIGNED if assignee else Status.QUEUED,
        assignee=assignee,
        assignee_name=name,
        assignee_avatar=avatar,
        had_since=turn.at,
        closed_at=0,
        closed_by="",
        outcome="",
        opened_seq=turn.conversation.seq,
        closed_seq=0,
    )
    turn.own(Mode.HUMAN)
    same = assignee == handoff.assignee  # and follows the thread as before
    turn.conversation = replace(
        turn.conversation,
        handoff_id=handoff.id,
        paused_by="",
        agent_at=turn.conversation.agent_at if same else 0,
        mentioned_at=0,
    )
    turn.do(CancelTimer(TimerKind.PATIENCE))
    if not assignee:
        queue_again(turn)
    turn.note(Kind.HANDOFF_REOPENED, by, agent=assignee)
    turn.line(Line.REOPENED, who=by.id, name=by.name, detail=by.role)
    turn.tell_bot("handoff.assigned" if assignee else "handoff.queued", reopened=True)
    if agent:
        turn.tell_user(Occasion.ASSIGNED)
    answer(turn)
    return True


def _next_for(handoff: Handoff, agent: Agent | None) -> tuple[AgentId | None, str, str]:
    """Who has it now; one that was resolved while it waited was nobody's."""
    if agent:
        return agent.id, agent.name, agent.avatar_url
    if handoff.assignee is None:
        return None, "", ""
    return handoff.assignee, handoff.assignee_name, handoff.assignee_avatar


def another_is_open(turn: Turn) -> bool:
    """Human without being paused means that an open handoff is there; is it not the case's?"""
    conversation = turn.conversation
    mine = turn.handoff is not None and turn.handoff.id == conversation.handoff_id
    return not mine and conversation.mode is Mode.HUMAN and not conversation.paused_by
