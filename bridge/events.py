"""All that can have happened: facts in the past tense. They are the audit log and feed the figures.

One dataclass serves all, since an event is data: who did what to which handoff. `body` holds ids,
codes and numbers, never what somebody wrote.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bridge.model import Author, ConversationId, HandoffId, Micros
from bridge.quick import quick


class Kind(StrEnum):
    CONVERSATION_STARTED = "conversation.started"
    USER_SPOKE = "message.user"
    BOT_SPOKE = "message.bot"
    AGENT_SPOKE = "message.agent"
    MESSAGE_HELD = "message.held"
    MESSAGE_FAILED = "message.failed"
    MESSAGE_EDITED = "message.edited"
    MESSAGE_DELETED = "message.deleted"
    MESSAGE_RECALLED = "message.recalled"
    MESSAGE_REACTED = "message.reacted"
    NOTE_ADDED = "note.added"
    HANDOFF_QUEUED = "handoff.queued"
    HANDOFF_ASSIGNED = "handoff.assigned"
    HANDOFF_TRANSFERRED = "handoff.transferred"
    HANDOFF_RELEASED = "handoff.released"
    HANDOFF_SNOOZED = "handoff.snoozed"
    HANDOFF_WOKEN = "handoff.woken"
    HANDOFF_REOPENED = "handoff.reopened"
    HANDOFF_RESOLVED = "handoff.resolved"
    HANDOFF_REJECTED = "handoff.rejected"
    HANDOFF_EXPIRED = "handoff.expired"
    HANDOFF_CANCELLED = "handoff.cancelled"
    HANDOFF_CHANGED = "handoff.changed"
    GOAL_MISSED = "handoff.goal_missed"
    ACTION_RUN = "action.run"
    SUGGESTION_MADE = "suggestion.made"
    SUGGESTION_USED = "suggestion.used"
    SUGGESTION_DISMISSED = "suggestion.dismissed"
    APPROVAL_REQUESTED = "approval.requested"
    APPROVAL_VOTED = "approval.voted"
    APPROVAL_DECIDED = "approval.decided"
    TRIGGER_FIRED = "trigger.fired"
    TRIGGER_UNCHECKED = "trigger.unchecked"
    FALSE_ALARM = "trigger.false_alarm"
    HANDOFF_RATED = "handoff.rated"
    PAUSED = "conversation.paused"
    RESUMED = "conversation.resumed"
    USER_DESCRIBED = "user.described"
    USER_BLOCKED = "user.blocked"
    USER_UNBLOCKED = "user.unblocked"
    USER_MERGED = "user.merged"
    CONVERSATION_DELETED = "conversation.deleted"
    AGENT_ONLINE = "agent.online"
    AGENT_AWAY = "agent.away"
    AGENT_DESCRIBED = "agent.described"
    BOT_PAUSED = "bot.paused"
    BOT_RESUMED = "bot.resumed"
    THREAD_OPENED = "thread.opened"
    THREAD_LOST = "thread.lost"
    MAIL_SENT = "mail.sent"
    MAIL_FAILED = "mail.failed"
    DELIVERY_FAILED = "delivery.failed"
    WEBHOOK_CREATED = "webhook.created"
    WEBHOOK_CHANGED = "webhook.changed"
    WEBHOOK_DELETED = "webhook.deleted"
    WEBHOOK_DISABLED = "webhook.disabled"
    STATE_CHANGED = "state.changed"
    KEY_CREATED = "key.created"
    KEY_REVOKED = "key.revoked"
    SETTINGS_RELOADED = "settings.reloaded"
    LANES_RELEASED = "lanes.released"
    AUDIT_EXPORTED = "audit.exported"
    AUDIT_HEAD = "audit.head"


@quick
@dataclass(frozen=True, slots=True)
class Event:
    kind: Kind
    at: Micros
    conversation_id: ConversationId
    actor: Author
    handoff_id: HandoffId | None = None
    epoch: int = 0
    body: dict[str, Any] = field(default_factory=dict)
    id: str = ""
    """Its name outside: the same in the feed and in every delivery of it."""
    cause: str = ""
    """What it came of: which command, and its key."""
    changes: dict[str, Any] | None = None
    """What was changed with it, see `changes.py`."""


def cause_of(command: object, key: str) -> str:
    return f"{type(command).__name__} {key}"
