"""All that may be asked of a conversation. A command is a fact about somebody's wish, not a change.

Every command has a `key`, the identity of the thing that was done (a Slack message, a click, a
client's id), by which it is taken once, and `at`, when it was done. Its address says which
conversation it is for, in one of five ways: by the conversation's id, by a handoff's id, by a
thread of the desk, by a message's source, or by the effect that it answers. One kind is for a bot
and no conversation.

Commands that an outsider names by an id of its own carry a `digest` of their body: the same key
with another digest is `Rejected("id_reused")`.
"""

from __future__ import annotations

from typing import TypeAlias

from bridge.commands.addresses import (
    EVERY_BOT,
    Address,
    ToAgent,
    ToAll,
    ToBot,
    ToConversation,
    ToHandoff,
    ToMessage,
    ToPost,
    ToThread,
    ToUser,
)
from bridge.commands.agents import (
    AddNote,
    AgentCommand,
    AgentDeleted,
    AgentEdited,
    AgentReacted,
    AgentSaid,
    Assign,
    Block,
    FalseAlarm,
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
    Unblock,
    Wake,
)
from bridge.commands.answers import Accepted, Answer, Duplicate, Rejected, refusal_of
from bridge.commands.bots import BotSaid, Escalation, OpenHandoff, Reply
from bridge.commands.desk import (
    Ask,
    DeleteConversation,
    DeskCommand,
    Look,
    OfConversation,
    RanMacro,
    Recall,
    RunAction,
    Say,
    SendTemplate,
    SwitchBot,
    TakeOver,
    Transfer,
)
from bridge.commands.gates import GateCommand, Judge, RequestApproval
from bridge.commands.outcomes import (
    RESULTS,
    ActionAnswered,
    BotAnswered,
    Claim,
    Delivered,
    Fetched,
    NotDelivered,
    Result,
    Routed,
    TimerFired,
)
from bridge.commands.routing import (
    AssignNext,
    Attend,
    Doing,
    HandBack,
    Introduce,
    OfAgent,
    RoutingCommand,
    Stir,
)
from bridge.commands.suggestions import (
    DismissSuggestion,
    Suggest,
    Suggested,
    SuggestionCommand,
    UseSuggestion,
)
from bridge.commands.threads import ThreadLost, lost
from bridge.commands.users import (
    Describe,
    Echoed,
    MergeContacts,
    Rate,
    Remark,
    UserEnded,
    UserReacted,
    UserRead,
    UserSaid,
)

Request: TypeAlias = (
    UserSaid
    | UserEnded
    | UserRead
    | UserReacted
    | Echoed
    | Remark
    | Describe
    | MergeContacts
    | Rate
    | AgentCommand
    | DeskCommand
    | BotSaid
    | OpenHandoff
    | ThreadLost
    | RoutingCommand
    | SuggestionCommand
    | GateCommand
)
Command: TypeAlias = Request | Result

__all__ = [
    "EVERY_BOT",
    "RESULTS",
    "Accepted",
    "ActionAnswered",
    "AddNote",
    "Address",
    "AgentCommand",
    "AgentDeleted",
    "AgentEdited",
    "AgentReacted",
    "AgentSaid",
    "Answer",
    "Ask",
    "Assign",
    "AssignNext",
    "Attend",
    "Block",
    "BotAnswered",
    "BotSaid",
    "Claim",
    "Command",
    "DeleteConversation",
    "Delivered",
    "Describe",
    "DeskCommand",
    "DismissSuggestion",
    "Doing",
    "Duplicate",
    "Echoed",
    "Escalation",
    "FalseAlarm",
    "Fetched",
    "GateCommand",
    "HandBack",
    "Introduce",
    "Judge",
    "KeepAsNote",
    "Look",
    "MergeContacts",
    "NotDelivered",
    "OfAgent",
    "OfConversation",
    "OfHandoff",
    "OpenHandoff",
    "Pause",
    "RanMacro",
    "Rate",
    "Recall",
    "Reject",
    "Rejected",
    "Release",
    "Remark",
    "Reopen",
    "Reply",
    "Request",
    "RequestApproval",
    "Resolve",
    "Result",
    "Resume",
    "Routed",
    "RoutingCommand",
    "RunAction",
    "Say",
    "SendAgain",
    "SendHeld",
    "SendTemplate",
    "SetLabels",
    "SetPriority",
    "Snooze",
    "Stir",
    "Suggest",
    "Suggested",
    "SuggestionCommand",
    "SwitchBot",
    "TakeOver",
    "ThreadLost",
    "TimerFired",
    "ToAgent",
    "ToAll",
    "ToBot",
    "ToConversation",
    "ToHandoff",
    "ToMessage",
    "ToPost",
    "ToThread",
    "ToUser",
    "Transfer",
    "Unblock",
    "UseSuggestion",
    "UserEnded",
    "UserReacted",
    "UserRead",
    "UserSaid",
    "Wake",
    "lost",
    "refusal_of",
]
