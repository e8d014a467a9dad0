"""What the Botpress-compatible calls are asked, by Botpress' names."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from bridge.api.queries import Query, whole
from bridge.api.shapes import Id, Integral, Label, Request
from bridge.model import Priority

Words = Annotated[str, Field(min_length=1, max_length=10_000)]
Most = Annotated[int, Field(ge=1, le=1_000), BeforeValidator(whole)]
Flag = Annotated[Literal["true", "false"] | None, Field(description="true, or nothing.")]
COLUMNS = Literal[
    "id",
    "botId",
    "agentId",
    "userId",
    "userChannel",
    "userThreadId",
    "agentThreadId",
    "status",
    "createdAt",
    "updatedAt",
    "assignedAt",
    "resolvedAt",
]
"""Those of their table that can be sorted by."""


# --- hitl ----------------------------------------------------------------------------------------


class SessionQuery(Request):
    pausedOnly: Flag = None
    searchText: Query = ""


class ThreadQuery(Request):
    threadId: Query = ""
    """A user has one conversation in a channel; another thread's id is 404."""


class SayToSession(Request):
    message: Words


class SwitchSession(Request):
    trigger: Annotated[str, Field(max_length=500)] = ""
    """Why."""


# --- hitlnext ------------------------------------------------------------------------------------


class SetOnline(Request):
    online: bool


class ListQuery(Request):
    limit: Most = 1_000
    column: COLUMNS = "createdAt"
    desc: Flag = None


class CreateHandoff(Request):
    userId: Id
    userThreadId: Id
    userChannel: Id
    timeoutDelay: Annotated[float, Field(ge=0, le=9_999_999)] = 0
    """Seconds until it goes back to the bot when nobody takes it, as many as there; 0: never."""


class SetTags(Request):
    tags: Annotated[list[Label], Field(max_length=50)]


class NoFields(Request):
    pass


class AddComment(Request):
    content: Words


class MessagesQuery(Request):
    limit: Most = 100


class OfUser(Request):
    userId: Id


# --- the HITL interface 2.x ----------------------------------------------------------------------


class CreateUser(Request):
    name: Annotated[str, Field(max_length=200)] = ""
    email: Annotated[str, Field(max_length=200)] = ""
    pictureUrl: Annotated[str, Field(max_length=1_000)] = ""
    botpressUserId: Id | None = None
    """The same again is the same user."""
    replyTo: Id | None = None
    """The webhook that is told; needed where your key has several."""


class HistorySource(Request):
    type: Literal["user", "bot"]


class HistoryMessage(Request):
    """A message of the history."""

    source: HistorySource
    type: Annotated[str, Field(max_length=40)]
    payload: dict[str, Any]


class HitlSession(Request):
    """The entity of the interface, extended by what a desk knows."""

    queue: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    priority: Priority = Priority.NORMAL
    labels: Annotated[list[Label], Field(max_length=50)] = []
    expiresIn: Annotated[int, Field(gt=0, le=30 * 86_400), Integral] | None = None


class StartHitl(Request):
    userId: Id
    title: Annotated[str, Field(max_length=200)] = ""
    description: Annotated[str, Field(max_length=10_000)] = ""
    hitlSession: HitlSession = HitlSession()
    messageHistory: list[HistoryMessage] = []
    """The last 200 are kept."""
    botpressConversationId: Id | None = None
    """Given back in every event."""
    replyTo: Id | None = None


class StopHitl(Request):
    conversationId: Id


class SendMessage(Request):
    conversationId: Id
    userId: Id | None = None
    """Left out, or `BOT`: the bot says it, to the agents alone."""
    messageId: Id | None = None
    """The same again is taken once."""
    type: Literal[
        "text",
        "markdown",
        "image",
        "audio",
        "video",
        "file",
        "location",
        "card",
        "carousel",
        "choice",
        "dropdown",
        "bloc",
    ] = "text"
    payload: dict[str, Any]
    additionalData: Annotated[str, Field(max_length=500)] = ""


# --- the same by the names of the HTTP bridge of `plus/hitl-api` ---------------------------------


class Ping(Request):
    type: Literal["ping"]


class RemoteUser(Request):
    type: Literal["createRemoteUser"]
    payload: CreateUser


class RemoteLine(Request):
    text: Annotated[str, Field(max_length=10_000)]
    author: Annotated[str, Field(max_length=200)] = ""


class RemoteSession(StartHitl):
    messages: list[RemoteLine] = []
    """Used where there is no `messageHistory`."""


class RemoteConversation(Request):
    type: Literal["createRemoteConversation"]
    payload: RemoteSession


class BotSends(Request):
    type: Literal["botSendsMessage"] = "botSendsMessage"
    remoteConversationId: Id
    remoteUserId: Id | None = None
    messageId: Id | None = None
    payload: dict[str, Any]


class RemoteClosed(Request):
    remoteConversationId: Id
    """It was missing in the original."""
    botpressConversationId: Id | None = None


class CloseTicket(Request):
    type: Literal["closeRemoteTicket"]
    payload: RemoteClosed
