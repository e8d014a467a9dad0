"""A lane is a durable mailbox: its effects are performed one after another, and lanes do not wait
for each other, so Slack being down never stops a reply to a user. The first part of a lane's key is
its direction, the rest whose it is.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from bridge.alerts import SendAlert
from bridge.effects import (
    CallBot,
    CallHook,
    CancelTimer,
    Effect,
    FetchFiles,
    LeaveThread,
    Linger,
    OpenThread,
    PostFile,
    PostLine,
    PostMessage,
    PostPreview,
    PutMark,
    PutReaction,
    RefreshCard,
    SendMail,
    SendToUser,
    SetTimer,
    SettleLine,
    ShowSeen,
    TellAgent,
    TimerKind,
)
from bridge.favours import (
    AskApproval,
    AskElsewhere,
    CallAction,
    CallReviewers,
    RefreshApproval,
)
from bridge.model import ConversationId


class Direction(StrEnum):
    DESK = "desk"
    CARD = "card"
    MARK = "mark"
    TICK = "tick"
    USER = "user"
    BOT = "bot"
    HOOK = "hook"
    MAIL = "mail"
    ALERT = "alert"
    TIMER = "timer"


DIRECTIONS: dict[type[Any], Direction] = {
    OpenThread: Direction.DESK,
    LeaveThread: Direction.DESK,
    PostPreview: Direction.DESK,
    PostMessage: Direction.DESK,
    PostFile: Direction.DESK,
    PostLine: Direction.DESK,
    TellAgent: Direction.DESK,
    AskElsewhere: Direction.DESK,
    AskApproval: Direction.DESK,
    CallReviewers: Direction.DESK,
    RefreshCard: Direction.CARD,
    RefreshApproval: Direction.CARD,
    PutMark: Direction.MARK,
    PutReaction: Direction.MARK,
    ShowSeen: Direction.MARK,
    SettleLine: Direction.MARK,
    SendToUser: Direction.USER,
    Linger: Direction.USER,
    FetchFiles: Direction.USER,
    SendMail: Direction.MAIL,
    SendAlert: Direction.ALERT,
    CallBot: Direction.BOT,
    CallHook: Direction.HOOK,
    CallAction: Direction.HOOK,
    SetTimer: Direction.TIMER,
    CancelTimer: Direction.TIMER,
}


def direction_of(lane: str) -> Direction:
    return Direction(lane.partition(":")[0])


def lane_of(effect: Effect, conversation: ConversationId) -> str:
    """`desk:cnv_…`, `tick:cnv_…` for marks for which a later one may stand, and `mark:line:cnv_…`
    for lines that are settled, so that no mark waits for them; a timer has a lane of its own,
    `timer:patience:cnv_…`, and one about a message `timer:held:msg_…:cnv_…`. An endpoint has one
    for each conversation, `hook:whk_…:cnv_…`, and so have questions that are put elsewhere,
    `desk:ask:cnv_…`, each action, `hook:refund:cnv_…`, and whom alerts are
    for, `alert:lead:default`, which is no conversation's. An approval has lanes of its own,
    `desk:approval:apr_…:cnv_…`, since it waits for nobody."""
    direction = DIRECTIONS[type(effect)]
    if isinstance(effect, PutMark) and effect.fresh:
        return f"{Direction.TICK}:{conversation}"
    if isinstance(effect, SettleLine):
        return f"{direction}:line:{conversation}"
    if isinstance(effect, AskElsewhere):
        return f"{direction}:ask:{conversation}"
    if isinstance(effect, CallAction):
        return f"{direction}:{effect.action}:{conversation}"
    if isinstance(effect, AskApproval | CallReviewers | RefreshApproval):
        return f"{direction}:approval:{effect.approval_id}:{conversation}"
    if isinstance(effect, SetTimer | CancelTimer):
        return f"{direction}:{_timer(effect)}:{conversation}"
    if isinstance(effect, SendAlert):
        return f"{direction}:{effect.to}:{conversation}"
    if isinstance(effect, CallHook):
        return f"{direction}:{effect.endpoint}:{conversation}"
    return f"{direction}:{conversation}"


def _timer(effect: SetTimer | CancelTimer) -> str:
    """Its kind, and of what there are several of in a conversation, which one."""
    if isinstance(effect, CancelTimer):
        return str(effect.kind)
    which = effect.about if effect.kind is TimerKind.APPROVAL else effect.message_id
    return f"{effect.kind}:{which}" if which else str(effect.kind)
