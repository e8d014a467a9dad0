"""All that may be asked of a conversation. A command is a fact about somebody's wish, not a change.

Every command has a `key`, the identity of the thing that was done (a Slack message, a click, a
client's id), by which it is taken once, and `at`, when it was done. Its address says which
conversation it is for, in one of five ways: by the conversation's id, by a handoff's id, by a
thread of the desk, by a message's source, or by the effect that it answers.

Commands that an outsider names by an id of its own carry a `digest` of their body: the same key
with another digest is `Rejected("id_reused")`.
"""

from __future__ import annotations

from typing import TypeAlias

from bridge.commands.addresses import (
    Address,
    ToConversation,
    ToHandoff,
    ToMessage,
    ToThread,
    ToUser,
)
from bridge.commands.agents import (
    AddNote,
    AgentCommand,
    AgentDeleted,
    AgentEdited,
    AgentSaid,
    Assign,
    KeepAsNote,
    OfHandoff,
    Pause,
    Reject,
    Release,
    Reopen,
    Resolve,
    Resume,
    SendAgain,
    SendHeld,
    SetLabels,
    SetPriority,
    Snooze,
    Wake,
)
from bridge.commands.answers import Accepted, Answer, Duplicate, Rejected
from bridge.commands.bots import BotSaid, Escalation, OpenHandoff, Reply
from bridge.commands.outcomes import (
    RESULTS,
    BotAnswered,
    Claim,
    Delivered,
    NotDelivered,
    Result,
    TimerFired,
)
from bridge.commands.users import UserEnded, UserRead, UserSaid

Request: TypeAlias = UserSaid | UserEnded | UserRead | AgentCommand | BotSaid | OpenHandoff
Command: TypeAlias = Request | Result

__all__ = [
    "RESULTS",
    "Accepted",
    "AddNote",
    "Address",
    "AgentCommand",
    "AgentDeleted",
    "AgentEdited",
    "AgentSaid",
    "Answer",
    "Assign",
    "BotAnswered",
    "BotSaid",
    "Claim",
    "Command",
    "Delivered",
    "Duplicate",
    "Escalation",
    "KeepAsNote",
    "NotDelivered",
    "OfHandoff",
    "OpenHandoff",
    "Pause",
    "Reject",
    "Rejected",
    "Release",
    "Reopen",
    "Reply",
    "Request",
    "Resolve",
    "Result",
    "Resume",
    "SendAgain",
    "SendHeld",
    "SetLabels",
    "SetPriority",
    "Snooze",
    "TimerFired",
    "ToConversation",
    "ToHandoff",
    "ToMessage",
    "ToThread",
    "ToUser",
    "UserEnded",
    "UserRead",
    "UserSaid",
    "Wake",
]
