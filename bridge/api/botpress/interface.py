"""`/v1/botpress`: a desk behind Botpress' HITL interface 2.x. A thin integration over there passes
its operations in, and is told of what comes of them at a webhook that the same key has registered.

A user of the interface is a relayed conversation, a session of it is a handoff in there. By the
names of the interface, and by those of the HTTP bridge that `plus/hitl-api` speaks, with the ids
that it lacks.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from bridge.api import shapes as common
from bridge.api.access import Caller
from bridge.api.botpress import answers, shapes
from bridge.api.botpress.common import Does
from bridge.api.calls import BOT, Answers, Asked, Call, told
from bridge.api.refusals import REFUSALS, refused
from bridge.api.relay import check_reply_to, relayed
from bridge.botpress import MARK, ids, is_hitl, words
from bridge.commands import (
    AddNote,
    Answer,
    Describe,
    Duplicate,
    Escalation,
    OpenHandoff,
    Rejected,
    ToConversation,
    ToHandoff,
    ToUser,
    UserEnded,
    UserSaid,
)
from bridge.errors import BadRequest
from bridge.hook_store import Hooks
from bridge.model import (
    DEFAULT_WORKSPACE,
    SECOND,
    Author,
    ConversationId,
    HandoffId,
    Micros,
    Role,
    conversation_id,
    derive_id,
    given,
)
from bridge.ports import Deps, Receive
from bridge.relaying import CHANNEL, address, webhook_of
from bridge.terms import Terms
from bridge.texts import Occasion
from bridge.views import View

GROUP = "Botpress HITL interface"
SILENT = {str(occasion): {"en": ""} for occasion in Occasion}
"""The plugin over there has words of its own for every occasion."""
LONGEST_RAW = 5_000
LONGEST_TEXT = 10_000
"""Characters of a message, as of one that is relayed or written in the webchat."""
KEPT = 200
"""Messages of the history."""
THE_BOT = "BOT"
USER = """The id is the same for the same `botpressUserId`. `replyTo` is a webhook that the same key
has registered; left out, it is the key's only one."""
START = """A session is a handoff: its `conversationId` is the handoff's id. 409 `handoff_open`
while this user has another session; the same `botpressConversationId` again is the same session."""
MESSAGE = """Without `userId` the bot says it, to the agents alone. The same `messageId` again is
taken once; 409 when the session has ended."""


class Interface:
    def __init__(self, receive: Receive, deps: Deps, hooks: Hooks) -> None:
        self._receive = receive
        self._deps = deps
        self._hooks = hooks

    def calls(self) -> list[Call]:
        user, session = {200: answers.UserId}, {200: answers.ConversationId}
        nothing: Answers = {200: answers.NothingElse}
        made: Answers = {200: answers.RemoteId}
        return [
            _call("createUser", self.create_user, user, shapes.CreateUser, USER),
            _call("startHitl", self.start_hitl, session, shapes.StartHitl, START),
            _call("stopHitl", self.stop_hitl, nothing, shapes.StopHitl, "Any number of times."),
            _call("messages", self.message, nothing, shapes.SendMessage, MESSAGE),
            _call("ping", self.ping, nothing, shapes.Ping),
            _call("createRemoteUser", self.remote_user, made, shapes.RemoteUser, USER),
            _call(
                "createRemoteConversation",
                self.remote_conversation,
                made,
                shapes.RemoteConversation,
                START,
            ),
            _call("botSendsMessage", self.bot_sends, nothing, shapes.BotSends, MESSAGE),
            _call("closeRemoteTicket", self.close_ticket, nothing, shapes.CloseTicket),
        ]

    # --- by the interface's names ----------------------------------------------------------------

    async def create_user(self, it: Asked) -> Response:
        return told(answers.UserId(userId=await self._user(it.caller, it.body)))

    async def start_hitl(self, it: Asked) -> Response:
        asked: shapes.StartHitl = it.body
        result = await self._start(it.caller, asked, _history(asked))
        if isinstance(result, Rejected):
            return refused(result.reason, result.data)
        return told(answers.ConversationId(conversationId=result.data["id"]))

    async def stop_hitl(self, it: Asked) -> Response:
        return await self._stop(it.caller, it.body.conversationId)

    async def message(self, it: Asked) -> Response:
        asked: shapes.SendMessage = it.body
        text = words(asked.type, asked.payload) or _unread(asked.type, asked.payload)
        return await self._hear(it.caller, asked, text)

    # --- by those of the HTTP bridge -------------------------------------------------------------

    async def ping(self, _it: Asked) -> Response:
        return told(answers.NothingElse())

    async def remote_user(self, it: Asked) -> Response:
        return told(answers.RemoteId(id=await self._user(it.caller, it.body.payload)))

    async def remote_conversation(self, it: Asked) -> Response:
        asked: shapes.RemoteSession = it.body.payload
        lines = [
            (Author(Role.USER if line.author else Role.BOT, "history", line.author), line.text, 0)
            for line in asked.messages[-KEPT:]
            if line.text
        ]
        result = await self._start(it.caller, asked, _history(asked) or lines)
        if isinstance(result, Rejected):
            return refused(result.reason, result.data)
        return told(answers.RemoteId(id=result.data["id"]))

    async def bot_sends(self, it: Asked) -> Response:
        asked: shapes.BotSends = it.body
        sent = shapes.SendMessage(
            conversationId=asked.remoteConversationId,
            userId=asked.remoteUserId,
            messageId=asked.messageId,
            payload=asked.payload,
        )
        said = asked.payload
        text = next(filter(None, (words(kind, said) for kind in _ORDER)), _unread("message", said))
        return await self._hear(it.caller, sent, text)

    async def close_ticket(self, it: Asked) -> Response:
        return await self._stop(it.caller, it.body.payload.remoteConversationId)

    # --- what is done ----------------------------------------------------------------------------

    async def _user(self, caller: Caller, asked: shapes.CreateUser) -> str:
        webhook = await self._webhook(caller, asked.replyTo)
        named = asked.botpressUserId or secrets.token_hex(12)
        user = derive_id("usr", caller.name, webhook, named)
        fields = {
            "name": asked.name,
            "email": asked.email,
            "avatar_url": common.picture(asked.pictureUrl),
        }
        to, by = _to(webhook, user), caller.as_author()
        _done(
            await self._receive(
                Describe(_key(), self._deps.clock(), to, by, {k: v for k, v in fields.items() if v})
            )
        )
        return user

    async def _start(self, caller: Caller, asked: shapes.StartHitl, history: _History) -> Answer:
        webhook = await self._webhook(caller, asked.replyTo)
        named = _conversation(webhook, asked.userId)
        talk = await self._deps.reads.conversation(named)
        if talk is None or talk.is_gone:
            raise BadRequest("not_found", "There is no such user.", status=404)
        wish = _wish(asked, history, webhook, self._deps.clock(), again=bool(talk.user_at))
        to, by = ToConversation(named), caller.as_author()
        result = await self._receive(OpenHandoff(_key(), self._deps.clock(), to, by, wish))
        if isinstance(result, Rejected) and result.reason == "handoff_open":
            there = HandoffId(result.data["id"])
            return Duplicate(result.data) if await self._is_same(there, asked) else result
        return result

    async def _is_same(self, id: HandoffId, asked: shapes.StartHitl) -> bool:
        there = ids(given(await self._deps.reads.view(id)).handoff, None)
        named = asked.botpressConversationId
        return named is not None and there["botpressConversationId"] == named

    async def _stop(self, caller: Caller, session: str) -> Response:
        view = await self._session(caller, session)
        if view.handoff.is_open:
            to = ToConversation(view.conversation.id)
            _done(await self._receive(UserEnded(_key(), self._deps.clock(), to)))
        return told(answers.NothingElse())

    async def _hear(self, caller: Caller, asked: shapes.SendMessage, text: str) -> Response:
        view = await self._session(caller, asked.conversationId)
        now, named = self._deps.clock(), asked.messageId or secrets.token_hex(12)
        key = f"api:botpress:{view.handoff.id}:{named}"
        if not view.handoff.is_open:
            _done(Rejected("already_ended"))
        if len(text) > LONGEST_TEXT:
            fields = {"payload": f"says more than {LONGEST_TEXT} characters"}
            raise BadRequest("invalid", common.UNFIT, fields)
        command: AddNote | UserSaid
        if asked.userId in {None, THE_BOT}:
            command = AddNote(key, now, ToHandoff(view.handoff.id), caller.as_agent(), text)
        else:
            command = UserSaid(key, now, _person(view), text)
        _done(await self._receive(command))
        return told(answers.NothingElse())

    async def _session(self, caller: Caller, id: str) -> View:
        """Raises BadRequest (404) for what is no session of this key."""
        view = await self._deps.reads.view(HandoffId(id))
        if view is None or not is_hitl(view.conversation):
            raise BadRequest("not_found", "There is no such session.", status=404)
        await check_reply_to(self._hooks, caller, webhook_of(view.conversation))
        return view

    async def _webhook(self, caller: Caller, asked: str | None) -> str:
        if asked is not None:
            await check_reply_to(self._hooks, caller, asked)
            return asked
        every = await self._hooks.endpoints(DEFAULT_WORKSPACE)
        own = [endpoint.id for endpoint in every if endpoint.owner == caller.name]
        if len(own) != 1:
            fields = {"replyTo": f"is needed: this key has {len(own)} webhooks"}
            raise BadRequest("no_webhook", common.UNFIT, fields, HTTPStatus.CONFLICT)
        return own[0]


_History = list[tuple[Author, str, Micros]]
_ORDER = ("text", "markdown", "image", "audio", "video", "file", "location", "carousel", "bloc")


def _call(
    name: str, does: Does, told: Answers, body: type[common.Request], about: str = ""
) -> Call:
    path, title = f"/v1/botpress/{name}", f"The interface's {name}"
    return Call("POST", path, does, GROUP, title, told, BOT, body, refusals=(404, 409), about=about)


def _key() -> str:
    return f"api:botpress:{secrets.token_hex(12)}"


def _unread(kind: str, payload: Mapping[str, Any]) -> str:
    """What does not fit its type is shown as it came: nothing that a user says is lost."""
    raw = json.dumps(payload, ensure_ascii=False)
    return f"[{kind}] {raw[:LONGEST_RAW]}"


def _done(result: Answer) -> Answer:
    """Raises BadRequest."""
    if isinstance(result, Rejected):
        status, message = REFUSALS.get(result.reason, (409, "This cannot be done now."))
        raise BadRequest(result.reason, message, status=status)
    return result


def _to(webhook: str, user: str) -> ToUser:
    return relayed(webhook, f"{MARK}{user}", common.UserShape(id=user))


def _conversation(webhook: str, user: str) -> ConversationId:
    return conversation_id(DEFAULT_WORKSPACE, CHANNEL, address(webhook, f"{MARK}{user}"))


def _person(view: View) -> ToUser:
    talk = view.conversation
    return ToUser(talk.workspace_id, talk.id, talk.contact_id, talk.channel, talk.address)


def _history(asked: shapes.StartHitl) -> _History:
    said = [
        (Author(Role(each.source.type), f"history-{each.source.type}"), text, 0)
        for each in asked.messageHistory[-KEPT:]
        if (text := words(each.type, each.payload))
    ]
    return list(said)


def _wish(
    asked: shapes.StartHitl, history: _History, webhook: str, now: Micros, *, again: bool
) -> Escalation:
    """Of a user who has been here before the desk has messages of its own: what was said over there
    meanwhile is the summary then."""
    session = asked.hitlSession
    context = {"botpressConversationId": asked.botpressConversationId}
    return Escalation(
        title=asked.title or "Handoff",
        description=asked.description,
        summary=_transcript(history) if again else "",
        priority=session.priority,
        queue=session.queue or "",
        labels=tuple(dict.fromkeys(session.labels)),
        context=context,
        history=tuple(history),
        expires_at=now + session.expiresIn * SECOND if session.expiresIn else 0,
        terms=Terms(messages=SILENT, reply_to=webhook),
    )


def _transcript(history: _History) -> str:
    """The last of it, as much as a summary holds."""
    lines = [f"{by.role}: {text}" for by, text, _ in history]
    return "\n".join(lines)[-10_000:]
