"""`/v1/conversations`: the bot speaks and looks back; who is there, and deleting."""

from __future__ import annotations

import secrets
from http import HTTPStatus

from starlette.responses import Response

from bridge.api import answers, queries, shapes
from bridge.api.access import Caller, bot_of, in_charge, must_have
from bridge.api.calls import ADMIN, Asked, Call, told
from bridge.api.paging import begin, cut
from bridge.api.refusals import refused
from bridge.commands import (
    BotSaid,
    DeleteConversation,
    Rejected,
    Say,
    ToConversation,
)
from bridge.errors import BadRequest
from bridge.keys import Scope
from bridge.lists import Lists
from bridge.model import DEFAULT_WORKSPACE, Conversation, ConversationId, given
from bridge.ports import Deps, Receive

GROUP = "Conversations"
PATH = "/v1/conversations"
SPEAK = """As the bot: 409 `human_in_control` with who and the current epoch while a human has it,
or when `epoch` is an old one; without `epoch` only who is in charge is checked. As the desk, which
needs the scope desk: the team's word, whoever is in charge. The same `id` again says it once."""


class Conversations:
    def __init__(self, receive: Receive, deps: Deps, lists: Lists) -> None:
        self._receive = receive
        self._deps = deps
        self._lists = lists

    def calls(self) -> list[Call]:
        return [*self._about_conversations(), *self._about_messages()]

    def _about_conversations(self) -> list[Call]:
        found, one = {200: answers.ConversationPage}, {200: answers.ConversationOut}
        return [
            Call(
                *("GET", PATH, self.find, GROUP, "Find conversations", found),
                query=queries.ConversationQuery,
                refusals=(404,),
            ),
            Call(
                *("GET", f"{PATH}/{{id}}", self.show, GROUP, "Look at one", one),
                refusals=(404,),
            ),
            Call(
                *("DELETE", f"{PATH}/{{id}}", self.delete, GROUP, "Delete all that was said"),
                {204: None},
                ADMIN,
                refusals=(404,),
                about="403 unless `[agents] may_delete` allows it.",
            ),
        ]

    def _about_messages(self) -> list[Call]:
        path, read = f"{PATH}/{{id}}/messages", {200: answers.MessagePage}
        return [
            Call(
                *("GET", path, self.messages, GROUP, "Read what the customer sees", read),
                query=queries.MessageQuery,
                refusals=(404,),
            ),
            Call(
                *("POST", path, self.speak, GROUP, "Speak", {202: answers.Spoken}),
                body=shapes.MessageRequest,
                signed=True,
                refusals=(404, 409),
                about=SPEAK,
            ),
        ]

    async def speak(self, it: Asked) -> Response:
        said: shapes.MessageRequest = it.body
        must_have(it.caller, {Scope.DESK if said.speaker == "desk" else Scope.BOT})
        conversation = await self._conversation(it)
        in_charge(it.caller, self._deps.settings, conversation.channel)
        result = await self._receive(self._said(it.caller, conversation, said))
        if isinstance(result, Rejected):
            return refused(result.reason, result.data)
        return told(answers.Spoken.model_validate(result.data), HTTPStatus.ACCEPTED)

    def _said(
        self, caller: Caller, conversation: Conversation, said: shapes.MessageRequest
    ) -> BotSaid | Say:
        name, channel = caller.names(said.id), conversation.channel
        if said.speaker == "desk":
            return Say(
                key=f"api:{caller.name}:message:{conversation.id}:{name}",
                at=self._deps.clock(),
                to=ToConversation(conversation.id),
                by=caller.as_author(),
                text=said.whole,
                digest=shapes.digest(said),
            )
        return BotSaid(
            key=f"api:{caller.name}:message:{conversation.id}:{name}",
            at=self._deps.clock(),
            to=ToConversation(conversation.id),
            bot_id=caller.bot_id or bot_of(self._deps.settings, channel) or caller.name,
            reply=said.reply(),
            epoch=said.epoch,
            asker=caller.name,
            digest=shapes.digest(said),
        )

    async def find(self, it: Asked) -> Response:
        """By name, e-mail, id or words, the newest first."""
        query: queries.ConversationQuery = it.query
        paused = None if query.paused is None else query.paused == "true"
        after = begin(GROUP, query.cursor, int, str)
        rows = await self._lists.conversations(
            DEFAULT_WORKSPACE, query.q, after, query.limit + 1, paused=paused
        )
        found, following = cut(GROUP, rows, query.limit, lambda row: (row[0].user_at, row[0].id))
        shown = [answers.conversation(talk, contact) for talk, contact in found]
        return told(answers.ConversationPage(conversations=shown, next_cursor=following))

    async def delete(self, it: Asked) -> Response:
        conversation = await self._conversation(it, gone=True)
        key, to = f"api:delete:{secrets.token_hex(12)}", ToConversation(conversation.id)
        by = it.caller.as_author()
        result = await self._receive(DeleteConversation(key, self._deps.clock(), to, by))
        if isinstance(result, Rejected):
            return refused(result.reason, result.data)
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def show(self, it: Asked) -> Response:
        conversation = await self._conversation(it)
        contact = await self._deps.reads.contact(conversation.id)
        return told(answers.conversation(conversation, given(contact)))

    async def messages(self, it: Asked) -> Response:
        """By place, after a `seq` or a cursor."""
        conversation, query = await self._conversation(it), it.query
        (after,) = begin("messages", query.cursor, int) or (query.after,)
        rows = await self._lists.said(conversation.id, int(after), query.limit + 1)
        found, following = cut("messages", rows, query.limit, lambda message: (message.seq,))
        return told(answers.messages(found, following))

    async def _conversation(self, it: Asked, *, gone: bool = False) -> Conversation:
        """`gone`: one that is deleted already will do. Raises BadRequest (404)."""
        conversation = await self._deps.reads.conversation(ConversationId(it.path("id")))
        if conversation is None or (conversation.is_gone and not gone):
            raise BadRequest("not_found", "There is no such conversation.", status=404)
        return conversation
