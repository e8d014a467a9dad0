"""Pausing and resuming: one conversation, by its id or by channel and user; a bot everywhere."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable

from starlette.responses import Response

from bridge.api import answers, shapes
from bridge.api.calls import BOT_OR_DESK, DESK, Asked, Call, told
from bridge.api.refusals import refused
from bridge.commands import (
    Answer,
    Describe,
    Pause,
    Rejected,
    Resume,
    SwitchBot,
    ToBot,
    ToConversation,
)
from bridge.errors import BadRequest
from bridge.model import DEFAULT_WORKSPACE, ConversationId, conversation_id, given
from bridge.ports import Deps, Receive
from bridge.stores import Reads
from bridge.webhooks import user

PERSON = "/v1/channels/{channel}/users/{user_id:path}"
Does = Callable[[Asked], Awaitable[Response]]

PAUSE = "Any number of times; inside a handoff it changes nothing."
RESUME = "Any number of times; 409 `handoff_open` while a human has it."
PAUSE_BOT = """It gets no messages, and what it says is 409 `human_in_control`; what customers write
meanwhile is kept."""


class Switches:
    def __init__(self, receive: Receive, deps: Deps) -> None:
        self._receive = receive
        self._deps = deps

    def calls(self) -> list[Call]:
        person, bot = PERSON, "/v1/bots/{id}"
        talk = "/v1/conversations/{id}"
        return [
            _switch((f"{talk}/pause", self.pause), "Conversations", "Pause its bot", PAUSE),
            _switch((f"{talk}/resume", self.resume), "Conversations", "Resume its bot", RESUME),
            _switch((f"{person}/pause", self.pause), "Users", "Pause the bot for a user", PAUSE),
            _switch(
                (f"{person}/resume", self.resume), "Users", "Resume the bot for a user", RESUME
            ),
            Call(
                "PATCH",
                person,
                self.describe,
                "Users",
                "Tell what is known of a user",
                {200: answers.User},
                body=shapes.UserChange,
                refusals=(404,),
                about="The card follows.",
            ),
            _switch((f"{bot}/pause", self.pause_bot), "Bots", "Pause it", PAUSE_BOT),
            _switch((f"{bot}/resume", self.resume_bot), "Bots", "Resume it"),
        ]

    async def pause(self, it: Asked) -> Response:
        to, by = ToConversation(await self._conversation(it)), it.caller.as_author()
        command = Pause(_key(), self._deps.clock(), to, by, it.body.reason)
        return _done(await self._receive(command))

    async def resume(self, it: Asked) -> Response:
        to, by = ToConversation(await self._conversation(it)), it.caller.as_author()
        return _done(await self._receive(Resume(_key(), self._deps.clock(), to, by)))

    async def pause_bot(self, it: Asked) -> Response:
        return await self._turn(it, on=False)

    async def resume_bot(self, it: Asked) -> Response:
        return await self._turn(it, on=True)

    async def describe(self, it: Asked) -> Response:
        change: shapes.UserChange = it.body
        named, by = await self._conversation(it), it.caller.as_author()
        command = Describe(_key(), self._deps.clock(), ToConversation(named), by, change.told())
        result = await self._receive(command)
        if isinstance(result, Rejected):
            return refused(result.reason, result.data)
        conversation = given(await self._deps.reads.conversation(named))
        contact = given(await self._deps.reads.contact(named))
        return told(answers.User(**user(contact, conversation)))

    async def _turn(self, it: Asked, *, on: bool) -> Response:
        named = it.path("id")
        if named not in {bot.id for bot in self._deps.settings.bots}:
            raise BadRequest("not_found", "There is no such bot.", status=404)
        to, by = ToBot(DEFAULT_WORKSPACE, named), it.caller.as_author()
        command = SwitchBot(_key(), self._deps.clock(), to, by, on, it.body.reason)
        return _done(await self._receive(command))

    async def _conversation(self, it: Asked) -> ConversationId:
        return await conversation_of(it, self._deps.reads)


async def conversation_of(it: Asked, reads: Reads) -> ConversationId:
    """By its id, or by channel and user. Raises BadRequest (404)."""
    if "id" in it.request.path_params:
        return await _there(reads, ConversationId(it.path("id")))
    return await known(reads, it.path("channel"), it.path("user_id"))


async def known(reads: Reads, channel: str, user_id: str) -> ConversationId:
    """Raises BadRequest (404)."""
    return await _there(reads, conversation_id(DEFAULT_WORKSPACE, channel, user_id))


async def _there(reads: Reads, named: ConversationId) -> ConversationId:
    conversation = await reads.conversation(named)
    if conversation is None or conversation.is_gone:
        raise BadRequest("not_found", "There is no such conversation.", status=404)
    return named


def _switch(call: tuple[str, Does], group: str, title: str, about: str = "") -> Call:
    path, does = call
    return Call(
        "POST",
        path,
        does,
        group,
        title,
        {200: answers.Paused},
        DESK if group == "Bots" else BOT_OR_DESK,
        shapes.PauseRequest,
        refusals=(404, 409),
        about=about,
    )


def _key() -> str:
    return f"api:switch:{secrets.token_hex(12)}"


def _done(result: Answer) -> Response:
    if isinstance(result, Rejected):
        return refused(result.reason, result.data)
    return told(answers.Paused(paused=bool(result.data.get("paused"))))
