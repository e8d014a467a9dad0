"""What the Botpress-compatible calls answer, by Botpress' names; made of what there is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import RootModel

from bridge.api.answers import Out, Time
from bridge.botpress import handoff_of, source_of, status_of, their_channel, thread_of
from bridge.model import (
    Agent,
    Contact,
    Conversation,
    Handoff,
    Message,
    Micros,
    Mode,
    Role,
)
from bridge.views import View
from bridge.webhooks import iso


class TextOut(Out):
    type: str
    text: str


class SessionMessage(Out):
    id: str
    type: str
    source: str
    text: str
    raw_message: TextOut
    direction: str
    ts: Time


class SessionMessages(RootModel[list[SessionMessage]]):
    pass


class SessionUser(Out):
    id: str
    fullName: str
    avatarUrl: str
    attributes: dict[str, Any]


class Session(Out):
    id: str
    botId: str
    channel: str
    threadId: str
    lastEventOn: Time | None
    lastHeardOn: Time | None
    isPaused: bool
    pausedBy: str | None
    lastMessage: SessionMessage | None
    user: SessionUser


class Sessions(RootModel[list[Session]]):
    pass


class IsPaused(RootModel[bool]):
    pass


class SessionChanged(Out):
    id: str
    isPaused: bool


class AttributeOut(Out):
    label: str
    attributePath: str
    defaultValue: str
    formatter: str


class AttributesOut(RootModel[list[AttributeOut]]):
    pass


class ShortcutOut(Out):
    name: str
    value: str


class AutoComplete(Out):
    trigger: str
    shortcuts: list[ShortcutOut]


class HitlnextConfig(Out):
    """Without the headers of webhooks."""

    agentSessionTimeout: str
    autoComplete: AutoComplete
    messageCount: int
    handoffAlert: float
    defaultUsername: bool
    tags: list[str]
    enableConversationDeletion: bool
    transferMessage: dict[str, str]
    assignMessage: dict[str, str]


class AgentAttributes(Out):
    firstname: str
    lastname: str
    picture_url: str


class AgentMe(Out):
    agentId: str
    online: bool
    attributes: AgentAttributes


class BotpressAgent(AgentMe):
    email: str
    strategy: str
    role: str


class BotpressAgents(RootModel[list[BotpressAgent]]):
    pass


class OnlineOut(Out):
    online: bool


class EventPreview(Out):
    preview: str
    payload: TextOut


class EventOut(Out):
    id: str
    direction: str
    botId: str
    channel: str
    success: bool
    createdOn: Time
    threadId: str
    type: str
    event: EventPreview


class Events(RootModel[list[EventOut]]):
    pass


class CommentOut(Out):
    id: str
    agentId: str
    handoffId: str | None
    threadId: str
    content: str
    createdAt: Time
    updatedAt: Time


class BotpressUser(Out):
    id: str
    attributes: dict[str, Any]


class BotpressHandoff(Out):
    id: str
    number: int
    botId: str
    agentId: str | None
    userId: str
    status: str
    userChannel: str
    userThreadId: str
    agentThreadId: str | None
    userConversation: EventOut | None
    comments: list[CommentOut]
    tags: list[str]
    user: BotpressUser
    assignedAt: Time | None
    resolvedAt: Time | None
    createdAt: Time
    updatedAt: Time


class BotpressHandoffs(RootModel[list[BotpressHandoff]]):
    pass


class NothingElse(Out):
    pass


# --- the HITL interface --------------------------------------------------------------------------


class UserId(Out):
    userId: str


class ConversationId(Out):
    conversationId: str


class RemoteId(Out):
    id: str


# --- made of what there is -----------------------------------------------------------------------


def when(at: Micros) -> str | None:
    return iso(at) if at else None


def _text(message: Message) -> TextOut:
    return TextOut(type="text", text=message.text)


def message(it: Message) -> SessionMessage:
    return SessionMessage(
        id=it.id,
        type="text",
        source=source_of(it),
        text=it.text,
        raw_message=_text(it),
        direction="in" if it.author.role is Role.USER else "out",
        ts=iso(it.sent_at),
    )


def session(bot: str, talk: Conversation, contact: Contact, last: Message | None) -> Session:
    return Session(
        id=talk.id,
        botId=bot,
        channel=their_channel(talk.channel),
        threadId=talk.id,
        lastEventOn=when(last.sent_at if last else talk.user_at),
        lastHeardOn=when(talk.user_at),
        isPaused=talk.mode is Mode.HUMAN,
        pausedBy=talk.paused_by or None,
        lastMessage=message(last) if last else None,
        user=SessionUser(
            id=contact.address,
            fullName=contact.name,
            avatarUrl=contact.avatar_url,
            attributes=contact.attributes,
        ),
    )


def event(bot: str, channel: str, thread: str, it: Message) -> EventOut:
    return EventOut(
        id=it.id,
        direction="incoming" if it.author.role is Role.USER else "outgoing",
        botId=bot,
        channel=their_channel(channel),
        success=True,
        createdOn=iso(it.sent_at),
        threadId=thread,
        type="text",
        event=EventPreview(preview=it.text, payload=_text(it)),
    )


def comment(it: Message, thread: str) -> CommentOut:
    return CommentOut(
        id=it.id,
        agentId=it.author.id,
        handoffId=it.handoff_id,
        threadId=thread,
        content=it.text,
        createdAt=iso(it.sent_at),
        updatedAt=iso(it.edited_at or it.sent_at),
    )


def _updated(it: Handoff) -> Micros:
    return max(it.opened_at, it.assigned_at, it.first_reply_at, it.closed_at)


def handoff(
    bot: str, view: View, last: Message | None, notes: Iterable[Message]
) -> BotpressHandoff:
    """The person's notes, those of earlier handoffs among them."""
    it, talk, contact = view.handoff, view.conversation, view.contact
    thread = thread_of(it)
    known = {"fullName": contact.name, "email": contact.email}
    known |= {"language": talk.locale or contact.locale}
    return BotpressHandoff(
        **{**handoff_of(it, talk), "botId": bot, "status": status_of(it)},
        userConversation=event(bot, talk.channel, thread, last) if last else None,
        comments=[comment(note, thread) for note in notes],
        user=BotpressUser(id=contact.address, attributes={**contact.attributes, **known}),
        assignedAt=when(it.assigned_at),
        resolvedAt=when(it.closed_at),
        createdAt=iso(it.opened_at),
        updatedAt=iso(_updated(it)),
    )


def in_order(
    found: Sequence[BotpressHandoff], column: str, most: int, *, down: bool
) -> list[BotpressHandoff]:
    """By a column; what has nothing there comes first. Ids in the order of opening."""
    name = "number" if column == "id" else column

    def place(it: BotpressHandoff) -> tuple[Any, int]:
        return getattr(it, name) or "", it.number

    return sorted(found, key=place, reverse=down)[:most]


def agent(it: Agent, *, online: bool) -> BotpressAgent:
    return BotpressAgent(
        **me(it, online=online).model_dump(), email="", strategy="desk", role="agent"
    )


def me(it: Agent, *, online: bool) -> AgentMe:
    first, _, last = it.name.partition(" ")
    named = AgentAttributes(firstname=first, lastname=last, picture_url=it.avatar_url)
    return AgentMe(agentId=it.id, online=online, attributes=named)


def by_conversation(notes: Iterable[Message]) -> Mapping[str, list[Message]]:
    found: dict[str, list[Message]] = {}
    for note in notes:
        found.setdefault(note.conversation_id, []).append(note)
    return found
