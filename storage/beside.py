"""What a transaction needs beside the common run: bots that are silent in all their conversations,
the reply that a recall means, how far a user has read, and deleting a conversation's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, func, or_, select, union_all, update
from sqlalchemy.dialects import postgresql, sqlite

from bridge.commands import (
    Accepted,
    Command,
    NotDelivered,
    Recall,
    Rejected,
    Resolve,
    SwitchBot,
    TimerFired,
    UserEnded,
    UserRead,
    UserSaid,
)
from bridge.effects import CallBot, Outward, TimerKind
from bridge.model import Author, Conversation, Handoff, Message, MessageId, Role
from bridge.pausing import switch_bot
from storage.driver import Driver
from storage.mapping import MESSAGE, Row, read_message, write_event
from storage.tables import metadata

T = metadata.tables
_pause, _message, _handoff, _post = (
    T[name].c for name in ("bot_pause", "message", "handoff", "post")
)

# --- silent bots ---------------------------------------------------------------------------------

_PAUSES = select(_pause.bot_id, _pause.paused_by)
_RESUME = delete(T["bot_pause"]).where(
    _pause.workspace_id == bindparam("workspace"), _pause.bot_id == bindparam("bot")
)


def _pause_row(dialect: str) -> Any:
    kind = sqlite if dialect == "sqlite" else postgresql
    return kind.insert(T["bot_pause"]).on_conflict_do_nothing()


class Switches:
    """The bots that are silent, for one transaction. Read when first asked for."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._dialect = driver.dialect
        self._known: dict[str, str] | None = None
        self.some = True
        """Whether there are any, as far as we know."""

    def silent(self) -> Mapping[str, str]:
        """Who paused it, by bot."""
        if not self.some:
            return {}
        if self._known is None:
            self._known = {row[0]: row[1] for row in self._driver.rows(_PAUSES, {})}
        return self._known

    def apply(self, command: SwitchBot) -> tuple[Accepted | Rejected, Sequence[Row]]:
        """The answer, and the rows of events to be written."""
        workspace, bot = command.to.workspace_id, command.to.id
        switched = switch_bot(self.silent().get(bot, ""), command)
        if switched.refused:
            return Rejected(switched.refused), ()
        if switched.event is None:
            return Accepted(switched.data), ()
        if switched.paused_by:
            row = {
                "workspace_id": workspace,
                "bot_id": bot,
                "paused_by": switched.paused_by,
                "reason": command.reason,
                "at": command.at,
            }
            self._driver.many(_pause_row(self._dialect), [row])
        else:
            self._driver.count(_RESUME, {"workspace": workspace, "bot": bot})
        self._known, self.some = None, True
        return Accepted(switched.data), [write_event(switched.event, workspace)]


# --- recalling -----------------------------------------------------------------------------------

_LAST = (
    select(*MESSAGE.columns(T["message"]))
    .where(
        _message.conversation_id == bindparam("conversation"),
        _message.handoff_id == bindparam("handoff"),
        _message.author_role == "agent",
        _message.visibility == "public",
        or_(_message.standing == "pending", _message.standing == "sent"),
    )
    .order_by(_message.seq.desc())
    .limit(1)
)
_LAST_REPLY = _LAST.where(_message.author_id == bindparam("agent"))
_TIMERS = (f":{TimerKind.END}:", f":{TimerKind.IDLE}:")


def last_reply(
    driver: Driver, command: Recall, handoff: Handoff | None, here: Iterable[Message]
) -> Message | None:
    """The last that `by` said to the user in the handoff; `here`: what this transaction knows."""
    if handoff is None:
        return None
    rows = driver.rows(_LAST_REPLY, {**_in(handoff), "agent": command.by.id})
    return _newest(handoff, rows, (m for m in here if m.author.id == command.by.id))


def spoke_last(
    driver: Driver, command: Command, handoff: Handoff | None, here: Iterable[Message]
) -> Author | None:
    """See `Case`. `here`: what this transaction knows."""
    if handoff is None or not _may_end(command):
        return None
    found = _newest(handoff, driver.rows(_LAST, _in(handoff)), here)
    return found.author if found else None


def _may_end(command: Command) -> bool:
    """In the end of which the user is asked what they think of it. A word that ends it is taken
    for one where it begins as one of ours does."""
    if isinstance(command, TimerFired):
        return any(kind in command.claim.lane for kind in _TIMERS)
    leaves = isinstance(command, UserSaid) and command.text.startswith("/")
    return leaves or isinstance(command, Resolve | UserEnded)


def _in(handoff: Handoff) -> dict[str, Any]:
    return {"handoff": handoff.id, "conversation": handoff.conversation_id}


def _newest(handoff: Handoff, rows: Iterable[Row], here: Iterable[Message]) -> Message | None:
    """Of agents' words to the user; `here`: as they are now, in this transaction."""
    found: dict[MessageId, Message] = {m.id: m for m in map(read_message, rows)}
    for message in here:
        if message.author.role is Role.AGENT and message.handoff_id == handoff.id:
            found[message.id] = message
    return max((m for m in found.values() if m.leaves), key=lambda m: m.seq, default=None)


# --- waiting for a bot ---------------------------------------------------------------------------

_m = T["message"].alias("spoken")
_UNANSWERED = (
    select(_message.text)
    .where(
        _message.conversation_id == bindparam("conversation"),
        _message.author_role == "user",
        _message.seq
        > select(func.coalesce(func.max(_m.c.seq), 0))
        .where(
            _m.c.conversation_id == bindparam("conversation"),
            or_(_m.c.author_role == "bot", _m.c.author_role == "agent"),
            _m.c.visibility == "public",
        )
        .scalar_subquery(),
    )
    .order_by(_message.seq)
    .limit(1)
)
_PATIENCE = f":{TimerKind.PATIENCE}:"


def unanswered(driver: Driver, command: Command, effect: Outward | None, of: Conversation) -> str:
    """See `Case`. A bot is called after the commit of what it is asked, so that stands there."""
    silent = isinstance(command, NotDelivered) and isinstance(effect, CallBot)
    over = isinstance(command, TimerFired) and _PATIENCE in command.claim.lane
    if not (of.unanswered_since and (silent or over)):
        return ""
    return next((row[0] for row in driver.rows(_UNANSWERED, {"conversation": of.id})), "")


# --- reading -------------------------------------------------------------------------------------

_NEWEST_UP_TO = (
    select(_message.source)
    .where(
        _message.conversation_id == bindparam("conversation"),
        _message.seq <= bindparam("upto"),
        _message.author_role == "agent",
        _message.visibility == "public",
        _message.standing == "sent",
        _message.source.is_not(None),
    )
    .order_by(_message.seq.desc())
    .limit(1)
)


def seen(driver: Driver, conversation: Conversation, command: Command) -> tuple[str, str]:
    """Of one that says how far the user has read: the sources of the newest messages of agents that
    they have read before, and now."""
    upto = command.seq if isinstance(command, UserRead) else 0
    if upto <= conversation.read_seq:
        return "", ""
    found = (
        driver.rows(_NEWEST_UP_TO, {"conversation": conversation.id, "upto": each})
        for each in (conversation.read_seq, upto)
    )
    before, newest = (rows[0][0] if rows else "" for rows in map(list, found))
    return before, newest


# --- deleting ------------------------------------------------------------------------------------

_ITS_MESSAGES = select(_message.id).where(_message.conversation_id == bindparam("conversation"))
_ITS_HANDOFFS = select(_handoff.id).where(_handoff.conversation_id == bindparam("conversation"))
FORGET = (
    delete(T["post"]).where(_post.message_id.in_(union_all(_ITS_MESSAGES, _ITS_HANDOFFS))),
    delete(T["message"]).where(_message.conversation_id == bindparam("conversation")),
    update(T["handoff"])
    .where(_handoff.conversation_id == bindparam("conversation"))
    .values(
        title="",
        description="",
        summary="",
        reason_text="",
        context="null",
        terms="{}",
        labels="[]",
        rating="{}",
        score=0,
    ),
)


def forget(driver: Driver, conversation: str) -> None:
    """Deletes its messages, and what its handoffs say."""
    for statement in FORGET:
        driver.count(statement, {"conversation": conversation})
