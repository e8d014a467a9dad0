"""Approvals, asked and decided: steps of the table in `lifecycle.py`, and what follows by itself.

What is decided about is under the lock of its conversation, like all else, so it is settled once,
and what is approved for a user is said in the same decision. It is said only while the conversation
has not changed hands since: what was asked to be sent is cancelled with every change of owner.
"""

from __future__ import annotations

from typing import Any

from bridge import answering, gates, judging, schemas
from bridge.commands import Delivered, Judge, RequestApproval, ToUser
from bridge.effects import CallBot, SetTimer
from bridge.events import Kind
from bridge.favours import AskApproval, CallReviewers, RefreshApproval
from bridge.gates import TIMEOUT, Act, Approval, Stand, Verdict
from bridge.gating import keep, reply_of, request, set_timer, strictly
from bridge.model import Author, Mode, replace
from bridge.turn import DESKBRIDGE, Turn
from bridge.webhooks import iso

TAKEN, MOVED_ON, DELETED = "human_in_control", "conversation_moved_on", "conversation_deleted"


def asked(turn: Turn, command: RequestApproval) -> None:
    """A bot asks by itself. What is to be sent is asked for by whoever may speak just now."""
    conversation, ask = turn.conversation, command.ask
    stale = command.epoch is not None and command.epoch != conversation.epoch
    silent = conversation.mode is not Mode.BOT or bool(turn.silenced_by)
    if stale or (ask.send and silent):
        return turn.fence()
    if isinstance(command.to, ToUser):  # a conversation that is none: nobody lists it
        turn.conversation = replace(conversation, created_at=0, bot_id=command.bot_id)
    approval = request(turn, command.by, command.bot_id, strictly(turn, ask), command.asker)
    if ask.send:
        answering.heard(turn, conversation.user_seq)
    turn.data = {"id": approval.id, "expires_at": approval.expires_at}
    return None


def judge(turn: Turn, command: Judge) -> None:
    """A person decides: by a click or by a call."""
    by, verdict = command.judge, command.verdict
    approval = turn.approvals.get(command.approval_id)
    if approval is None:
        return turn.reject("unknown_approval")
    if not by.member:
        return turn.reject("not_a_member")
    served = (each.name for each in turn.policy.queues if turn.policy.serves(by, each.name))
    verdict = replace(_filled(approval, verdict), groups=(*verdict.groups, *served))
    after, fault = gates.judged(approval, by, verdict, turn.at)
    if fault:
        return turn.reject(fault, **_as_decided(approval))
    if unfit := _fault_in(turn, approval, verdict):
        return turn.reject(unfit[0], fields=unfit[1])
    if after.is_pending:
        keep(turn, after)
        turn.note(Kind.APPROVAL_VOTED, by.as_author(), **_named(approval), act=str(verdict.act))
        turn.do(RefreshApproval(after.id))
    else:
        _finish(turn, after, by.as_author())
    turn.data = {"id": after.id, "status": str(turn.approvals[after.id].status)}
    return None


def _filled(approval: Approval, verdict: Verdict) -> Verdict:
    """The words of a draft may be edited alone; what is edited into itself is approved."""
    if verdict.act is not Act.EDIT:
        return verdict
    value = verdict.value
    if approval.is_text and isinstance(value, dict):
        value = {**approval.value, "text": value.get("text")}
    same = value == approval.value and Act.APPROVE in approval.allowed
    return replace(verdict, act=Act.APPROVE) if same else replace(verdict, value=value)


def _fault_in(
    turn: Turn, approval: Approval, verdict: Verdict
) -> tuple[str, dict[str, str]] | None:
    """What is wrong with the words or the action; None: nothing."""
    if verdict.act in (Act.APPROVE, Act.REJECT):
        return None
    value = {"text": verdict.text} if verdict.act is Act.RESPOND else verdict.value
    if verdict.act is Act.EDIT and not approval.is_text:
        faults = schemas.faults(approval.form, value)
        return ("bad_value", faults) if faults else None
    if not gates.is_text(value) or not value["text"].strip():
        return "bad_value", {"text": "must not be empty"}
    if approval.send and judging.leaks(turn.policy, value["text"]):
        return "leaks", {"text": "holds what must not leave"}
    return None


def _named(approval: Approval) -> dict[str, Any]:
    return {"approval": approval.id}


def _as_decided(approval: Approval) -> dict[str, Any]:
    """What whoever was too late is told."""
    at = iso(approval.decided_at) if approval.decided_at else None
    by = approval.decided_name
    return {"status": str(approval.status), "decided_by": by, "decided_at": at}


# --- what follows by itself ----------------------------------------------------------------------


def fired(turn: Turn, timer: SetTimer) -> None:
    """Half of its time is over, three quarters, or all of it."""
    approval = turn.approvals.get(timer.about)
    if approval is None or not approval.is_pending:
        return
    if timer.due >= approval.expires_at:
        _finish(turn, gates.expired(approval, turn.at), DESKBRIDGE)
        return
    again = bool(approval.others) and timer.due >= approval.escalate_at
    whom = approval.others if again else approval.reviewers
    if again:
        approval = gates.escalated(approval)
        keep(turn, approval)
        turn.do(RefreshApproval(approval.id))
    if turn.policy.staffed:
        turn.do(CallReviewers(approval.id, whom, again))
    set_timer(turn, approval, timer.due)


def moved_on(turn: Turn) -> None:
    """After each step: what was to be said by who had the conversation before, never is."""
    for approval in list(turn.approvals.values()):
        stale = approval.send and approval.epoch != turn.conversation.epoch
        if approval.is_pending and (stale or turn.forget):
            human = turn.conversation.mode is Mode.HUMAN
            reason = DELETED if turn.forget else TAKEN if human else MOVED_ON
            ended = gates.cancelled(approval, turn.at, reason)
            if turn.forget:
                ended = replace(ended, title="", draft=None, context=None)
            _finish(turn, ended, DESKBRIDGE)


def shown(turn: Turn, effect: AskApproval, result: Delivered) -> None:
    """Its card stands: what was decided since it was drawn is drawn now."""
    approval = turn.approvals.get(effect.approval_id)
    if approval is None or result.place is None:
        return
    keep(turn, replace(approval, place=result.place))
    if approval.version != result.shown:
        turn.do(RefreshApproval(approval.id))


def _finish(turn: Turn, approval: Approval, by: Author) -> None:
    """It is settled: the user is told, where they are to be, and the bot always."""
    if approval.send and approval.usable is not None:
        approval = _sent(turn, approval)
    keep(turn, approval)
    seconds = (approval.decided_at - approval.created_at) // 1_000_000
    status = str(approval.status)
    turn.note(Kind.APPROVAL_DECIDED, by, **_named(approval), status=status, seconds=seconds)
    turn.do(RefreshApproval(approval.id))
    _tell_bot(turn, approval)
    _go_on_waiting(turn, approval)


def _sent(turn: Turn, approval: Approval) -> Approval:
    conversation = turn.conversation
    if conversation.mode is not Mode.BOT or turn.silenced_by:
        return replace(approval, not_sent=TAKEN)
    message = answering.speak(turn, approval.bot_id, reply_of(approval.usable))
    return replace(approval, message_id=message.id)


def _tell_bot(turn: Turn, approval: Approval) -> None:
    if not turn.has_bot and approval.bot_id in {bot.id for bot in turn.policy.bots}:
        turn.conversation = replace(turn.conversation, bot_id=approval.bot_id)
    if turn.has_bot:
        epoch = turn.conversation.epoch
        turn.do(CallBot("approval.decided", epoch, None, None, told(approval)))


def told(approval: Approval) -> dict[str, Any]:
    """What bots are told of it."""
    votes = [
        {"id": vote.by, "name": vote.name, "decision": vote.act, "at": iso(vote.at)}
        for vote in approval.votes
    ]
    at = iso(approval.decided_at) if approval.decided_at else None
    alone = dict.fromkeys(("conversation_id", "channel", "user")) if approval.is_alone else {}
    return {**gates.result(approval), "reviewers": votes, "decided_at": at, **alone}


def _go_on_waiting(turn: Turn, approval: Approval) -> None:
    """A user who waits for an answer still waits when it was not approved: for another one of the
    bot's, and then for a human."""
    conversation = turn.conversation
    unanswered = conversation.user_at and conversation.user_seq == conversation.seq
    with_bot = turn.has_bot and conversation.mode is Mode.BOT
    if approval.send and approval.usable is None and with_bot and unanswered and not turn.forget:
        answering.await_bot(turn, _why_unapproved(approval))


def _why_unapproved(approval: Approval) -> str:
    """Empty: nobody failed to decide, the conversation has moved on."""
    if approval.status is Stand.REJECTED:
        return answering.REJECTED
    return answering.EXPIRED if approval.reason == TIMEOUT else ""
