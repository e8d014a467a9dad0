"""Decision gates: a draft of a bot's, and what people decide about it. Pure.

An approval is pending until it is settled, once: approved, edited, rejected or responded by people,
or expired by time or because the conversation has moved on. People vote on the value that it has
just now. *Approve* is a vote for it; *edit* and *respond* put another value in its place, of which
whoever made it is the first vote, and those for the one before are void; one *reject* settles it.
Everybody has one vote, their last; when as many as the quorum are for the same value it is settled
with it. `value` is what may be used: of one that is rejected, or that expired unapproved, None.

A draft for a user is `{"text": …}`, with `buttons` and `attachments` if it has some; anything else
is an action, as JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bridge.model import (
    SECOND,
    Agent,
    Contact,
    ConversationId,
    HandoffId,
    Micros,
    WorkspaceId,
    replace,
)

CHANNEL = "approvals"
"""Of conversations that are none: what an approval without one belongs to, alone."""
TIMEOUT = "timeout"
"""Why an approval has expired about which nobody decided."""
SENT_KEYS = frozenset({"text", "buttons", "attachments"})


class Act(StrEnum):
    """What is done with an approval: four by people, two by itself."""

    APPROVE = "approve"
    EDIT = "edit"
    REJECT = "reject"
    RESPOND = "respond"
    EXPIRE = "expire"
    CANCEL = "cancel"


VERDICTS = (Act.APPROVE, Act.EDIT, Act.REJECT, Act.RESPOND)


class Stand(StrEnum):
    """Where an approval stands; all but the first are its ends."""

    PENDING = "pending"
    APPROVED = "approved"
    EDITED = "edited"
    REJECTED = "rejected"
    RESPONDED = "responded"
    EXPIRED = "expired"


_P, _USABLE = Stand.PENDING, frozenset({Stand.APPROVED, Stand.EDITED, Stand.RESPONDED})
TRANSITIONS: Mapping[Stand, Mapping[Act, frozenset[Stand]]] = {
    _P: {
        Act.APPROVE: _USABLE | {_P},
        Act.EDIT: frozenset({_P, Stand.EDITED}),
        Act.RESPOND: frozenset({_P, Stand.RESPONDED}),
        Act.REJECT: frozenset({Stand.REJECTED}),
        Act.EXPIRE: frozenset({Stand.EXPIRED}),
        Act.CANCEL: frozenset({Stand.EXPIRED}),
    },
    **{end: {} for end in Stand if end is not _P},
}
_SETTLED_AS: Mapping[Act, Stand] = {
    Act.APPROVE: Stand.APPROVED,
    Act.EDIT: Stand.EDITED,
    Act.RESPOND: Stand.RESPONDED,
}
"""By what the value was put there with."""


@dataclass(frozen=True, slots=True)
class Vote:
    """`by` is an agent's id, or a key's of the API."""

    by: str
    name: str
    act: str
    at: Micros


@dataclass(frozen=True, slots=True)
class Approval:
    """`asked_by`: the key of the API that asked, as it would vote; empty: no key did. `form` is the
    JSON Schema by which an action is edited; None: it has none. `why`: the reason for which the
    settings or a rule hold a bot's answer back; empty: the bot asked by itself.
    `others` are asked, too, when it has waited for three quarters of its time."""

    id: str
    workspace_id: WorkspaceId
    conversation_id: ConversationId
    epoch: int = 0
    """Of the conversation when it was asked: what is sent, is sent only then. Zero: it is about no
    conversation."""
    handoff_id: HandoffId | None = None
    bot_id: str = ""
    asked_by: str = ""
    title: str = ""
    draft: Any = None
    form: Any = None
    allowed: tuple[str, ...] = tuple(VERDICTS)
    reviewers: tuple[str, ...] = ()  # queues, groups and people; none: every member
    others: tuple[str, ...] = ()
    quorum: int = 1
    send: bool = False
    on_timeout: str = Act.REJECT
    context: Any = None
    why: str = ""
    status: Stand = Stand.PENDING
    value: Any = None
    proposed: str = Act.APPROVE  # with what `value` was put there
    revision: int = 1  # which value is voted on
    votes: tuple[Vote, ...] = ()
    reason: str = ""
    version: int = 1  # rises with every change that its card shows
    created_at: Micros = 0
    expires_at: Micros = 0
    decided_at: Micros = 0
    decided_by: str = ""
    decided_name: str = ""
    message_id: str = ""  # what the user was sent
    not_sent: str = ""  # why they were not, a code
    place: tuple[str, ...] = ()

    @property
    def is_pending(self) -> bool:
        return self.status is Stand.PENDING

    @property
    def is_alone(self) -> bool:
        return not self.epoch

    @property
    def is_text(self) -> bool:
        return is_text(self.draft)

    @property
    def usable(self) -> Any:
        """What may be used of it; None: nothing, or nothing yet."""
        return None if self.is_pending else self.value

    @property
    def remind_at(self) -> Micros:
        return self.created_at + (self.expires_at - self.created_at) // 2

    @property
    def escalate_at(self) -> Micros:
        return self.created_at + (self.expires_at - self.created_at) * 3 // 4

    def next_due(self, after: Micros) -> Micros:
        """When something is to be done about it next."""
        stages = (self.remind_at, *((self.escalate_at,) if self.others else ()))
        return next((at for at in stages if at > after), self.expires_at)


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked of people; None: as the settings have it."""

    title: str
    draft: Any
    form: Any = None
    allowed: tuple[str, ...] = tuple(VERDICTS)
    reviewers: tuple[str, ...] | None = None
    quorum: int | None = None
    expires_in: Micros | None = None
    on_timeout: str | None = None
    send: bool = False
    context: Any = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Gate:
    """What the settings say of approvals: what is asked where a bot does not say it, and which of
    its answers need one. `users` as `channel:address`, or by e-mail."""

    reviewers: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    quorum: int = 1
    expires_in: Micros = 900 * SECOND
    on_timeout: str = Act.REJECT
    everything: bool = False
    intents: frozenset[str] = frozenset()
    queues: frozenset[str] = frozenset()
    users: frozenset[str] = frozenset()

    def holds(self, contact: Contact, queue: str, intent: str) -> str:
        """Why an answer to this user needs approval, a code; empty: it needs none."""
        named = {f"{contact.channel}:{contact.address}".casefold(), contact.email.casefold()}
        if self.everything:
            return "everything"
        if not self.users.isdisjoint(named):
            return "user"
        if queue in self.queues:
            return "queue"
        return "intent" if intent.casefold() in self.intents else ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one person decides. `value`: the whole new value of an edit; `text`: of a response, or
    why it is rejected. `revision`: of the value that they saw; None: the one there is.
    `groups`: queues and groups that they belong to by now; `anyhow`: whether they may decide
    whoever was asked."""

    act: Act
    value: Any = None
    text: str = ""
    revision: int | None = None
    groups: tuple[str, ...] = ()
    anyhow: bool = False


def is_text(draft: Any) -> bool:
    """Whether it is words for a user, and no action."""
    return (
        isinstance(draft, dict) and isinstance(draft.get("text"), str) and draft.keys() <= SENT_KEYS
    )


def may_review(approval: Approval, by: Agent, verdict: Verdict) -> bool:
    """Whether they are among those who are asked, by now."""
    if verdict.anyhow or not approval.reviewers:
        return True
    return not {by.id, *verdict.groups}.isdisjoint(approval.reviewers)


def judged(approval: Approval, by: Agent, verdict: Verdict, at: Micros) -> tuple[Approval, str]:
    """What it is after a vote, and why it was not taken; empty: it was."""
    if verdict.act not in TRANSITIONS[approval.status]:
        return approval, "already_decided"
    if by.id == approval.asked_by:
        return approval, "own_draft"
    if not may_review(approval, by, verdict):
        return approval, "not_a_reviewer"
    if verdict.act not in approval.allowed:
        return approval, "act_not_allowed"
    if verdict.revision is not None and verdict.revision != approval.revision:
        return approval, "draft_changed"
    if verdict.act is Act.APPROVE and any(
        vote.by == by.id and vote.act != Act.REJECT for vote in approval.votes
    ):
        return approval, "already_voted"
    return _with_vote(approval, by, verdict, at), ""


def _with_vote(approval: Approval, by: Agent, verdict: Verdict, at: Micros) -> Approval:
    vote = Vote(by.id, by.name, str(verdict.act), at)
    if verdict.act is Act.REJECT:
        votes = (*(each for each in approval.votes if each.by != by.id), vote)
        changed = replace(approval, votes=votes, reason=verdict.text, value=None)
        return _settled(changed, Stand.REJECTED, at, by.id, by.name)
    changed = _proposed(approval, verdict, vote)
    if len(changed.votes) < changed.quorum:
        return replace(changed, version=changed.version + 1)
    return _settled(changed, _SETTLED_AS[Act(changed.proposed)], at, by.id, by.name)


def _proposed(approval: Approval, verdict: Verdict, vote: Vote) -> Approval:
    if verdict.act is Act.APPROVE:
        return replace(approval, votes=(*approval.votes, vote))
    value = {"text": verdict.text} if verdict.act is Act.RESPOND else verdict.value
    return replace(
        approval,
        value=value,
        proposed=str(verdict.act),
        revision=approval.revision + 1,
        votes=(vote,),
    )


def expired(approval: Approval, at: Micros) -> Approval:
    """Nobody has decided in time: as was asked for that. What somebody has proposed and not enough
    were for is not what is approved by default, the draft is."""
    value = approval.draft if approval.on_timeout == Act.APPROVE else None
    return _settled(replace(approval, value=value, reason=TIMEOUT), Stand.EXPIRED, at)


def cancelled(approval: Approval, at: Micros, reason: str) -> Approval:
    """Nobody is to decide any more: `reason` is a code."""
    return _settled(replace(approval, value=None, reason=reason), Stand.EXPIRED, at)


def escalated(approval: Approval) -> Approval:
    """Others are asked beside those who were."""
    asked = (*approval.reviewers, *approval.others) if approval.reviewers else ()
    return replace(approval, reviewers=asked, others=(), version=approval.version + 1)


def _settled(
    approval: Approval, status: Stand, at: Micros, by: str = "", name: str = ""
) -> Approval:
    return replace(
        approval,
        status=status,
        decided_at=at,
        decided_by=by,
        decided_name=name,
        version=approval.version + 1,
    )


def result(approval: Approval) -> dict[str, Any]:
    """What a bot is told of it, but for its times."""
    return {
        "id": approval.id,
        "status": str(approval.status),
        "value": approval.usable,
        "reason": approval.reason,
        "decided_by": {"id": approval.decided_by, "name": approval.decided_name}
        if approval.decided_by
        else None,
        "sent": bool(approval.message_id),
        "message_id": approval.message_id or None,
        "not_sent": approval.not_sent or None,
        "context": approval.context,
    }
