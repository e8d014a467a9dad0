"""`/api/v1/bots/{botId}/mod/hitl`: watching, pausing and speaking, as Botpress v12's first module
has it. A session is a conversation."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response

from bridge.api.botpress import answers, shapes
from bridge.api.botpress.common import PAGE, Bots, call, done, gather, key
from bridge.api.calls import Asked, Call, told
from bridge.botpress import channel_of
from bridge.commands import Pause, Rejected, Resolve, Resume, Say, ToConversation, ToHandoff
from bridge.errors import BadRequest
from bridge.lists import Lists
from bridge.model import (
    DEFAULT_WORKSPACE,
    Contact,
    Conversation,
    ConversationId,
    HandoffId,
    Mode,
    conversation_id,
    given,
)
from bridge.ports import Deps, Receive

BASE, GROUP = "/api/v1/bots/{botId}/mod/hitl", "Botpress hitl"
MOST = 100
"""Sessions of a list, and messages of one."""
Row = tuple[Conversation, Contact]


class Hitl:
    def __init__(self, receive: Receive, deps: Deps, lists: Lists) -> None:
        self._receive = receive
        self._deps = deps
        self._lists = lists
        self._bots = Bots(deps.settings)

    def calls(self) -> list[Call]:
        one = f"{BASE}/sessions/{{id}}"
        user = f"{BASE}/channel/{{channel}}/user/{{userId:path}}"
        return [
            call(
                ("GET", f"{BASE}/sessions"),
                self.sessions,
                GROUP,
                "List sessions, the newest event first",
                {200: answers.Sessions},
                query=shapes.SessionQuery,
            ),
            call(
                ("GET", one),
                self.messages,
                GROUP,
                "Read the last hundred messages",
                {200: answers.SessionMessages},
            ),
            call(
                ("POST", f"{one}/message"),
                self.say,
                GROUP,
                "Say something, whoever is in charge",
                {200: answers.NothingElse},
                body=shapes.SayToSession,
            ),
            *self._switches(one),
            *self._switches(user),
            call(
                ("GET", f"{BASE}/config/attributes"),
                self.attributes,
                GROUP,
                "Which attributes are shown",
                {200: answers.AttributesOut},
            ),
        ]

    def _switches(self, of: str) -> list[Call]:
        query = shapes.ThreadQuery if "channel" in of else None
        paused, changed = {200: answers.IsPaused}, {200: answers.SessionChanged}
        body = shapes.SwitchSession
        asking = f"{of}/isPaused"
        return [
            call(("GET", asking), self.is_paused, GROUP, "Is it paused?", paused, query=query),
            call(("POST", asking), self.is_paused, GROUP, "Is it paused?", paused, query=query),
            call(
                ("POST", f"{of}/pause"), self.pause, GROUP, "Pause", changed, body=body, query=query
            ),
            call(
                ("POST", f"{of}/unpause"),
                self.unpause,
                GROUP,
                "Unpause",
                changed,
                body=body,
                query=query,
            ),
        ]

    async def sessions(self, it: Asked) -> Response:
        bot, query = self._bots.meant(it), it.query
        mode = Mode.HUMAN if query.pausedOnly == "true" else None

        async def read(before: Sequence[Row]) -> list[Row]:
            after = (before[-1][0].user_at, before[-1][0].id) if before else ()
            return await self._lists.conversations(
                DEFAULT_WORKSPACE, query.searchText, after, PAGE, mode=mode
            )

        rows = await gather(read, lambda row: self._bots.has(bot, row[0].channel), MOST)
        last = await self._lists.latest([talk.id for talk, _ in rows])
        shown = [answers.session(bot, talk, who, last.get(talk.id)) for talk, who in rows]
        shown.sort(key=lambda session: session.lastEventOn or "", reverse=True)
        return told(answers.Sessions(shown))

    async def messages(self, it: Asked) -> Response:
        talk = await self._session(it)
        found = await self._deps.reads.before(talk.id, talk.seq, MOST)
        return told(answers.SessionMessages([answers.message(message) for message in found]))

    async def say(self, it: Asked) -> Response:
        to, by = ToConversation((await self._session(it)).id), it.caller.as_author()
        done(await self._receive(Say(key(), self._deps.clock(), to, by, it.body.message)))
        return told(answers.NothingElse())

    async def is_paused(self, it: Asked) -> Response:
        return told(answers.IsPaused((await self._session(it)).mode is Mode.HUMAN))

    async def pause(self, it: Asked) -> Response:
        talk, by = await self._session(it), it.caller.as_author()
        to, why = ToConversation(talk.id), it.body.trigger
        done(await self._receive(Pause(key(), self._deps.clock(), to, by, why)))
        return await self._changed(talk.id)

    async def unpause(self, it: Asked) -> Response:
        """An open handoff is resolved by it: else a human would stay in charge."""
        talk, by = await self._session(it), it.caller.as_author()
        to = ToConversation(talk.id)
        result = await self._receive(Resume(key(), self._deps.clock(), to, by))
        if isinstance(result, Rejected) and result.reason == "handoff_open":
            handoff, agent = ToHandoff(HandoffId(result.data["id"])), it.caller.as_agent()
            ending = Resolve(key(), self._deps.clock(), handoff, agent, "unpaused", unasked=True)
            result = await self._receive(ending)
        done(result)
        return await self._changed(talk.id)

    async def attributes(self, it: Asked) -> Response:
        self._bots.meant(it)
        shown = [
            answers.AttributeOut(
                label=each.label,
                attributePath=each.path,
                defaultValue=each.default,
                formatter="fromNow" if each.format == "from_now" else each.format,
            )
            for each in self._deps.settings.profile.attributes
        ]
        return told(answers.AttributesOut(shown))

    async def _changed(self, id: ConversationId) -> Response:
        talk = given(await self._deps.reads.conversation(id))
        return told(answers.SessionChanged(id=id, isPaused=talk.mode is Mode.HUMAN))

    async def _session(self, it: Asked) -> Conversation:
        """By its id, or by channel and user. Raises BadRequest (404)."""
        bot, here = self._bots.meant(it), it.request.path_params
        if "id" in here:
            named = ConversationId(it.path("id"))
        else:
            channel = channel_of(it.path("channel"))
            named = conversation_id(DEFAULT_WORKSPACE, channel, it.path("userId"))
        talk = await self._deps.reads.conversation(named)
        other = it.query is not None and it.query.threadId not in {"", named}
        if talk is None or talk.is_gone or other or not self._bots.has(bot, talk.channel):
            raise BadRequest("not_found", "There is no such session.", status=404)
        return talk
