"""Blocking a user and hearing them again, who is blocked, and who is the same person."""

from __future__ import annotations

import secrets
from http import HTTPStatus

from starlette.responses import Response

from bridge.api import answers, queries, shapes
from bridge.api.calls import DESK, Asked, Call, told
from bridge.api.paging import begin, cut
from bridge.api.refusals import refused
from bridge.api.switches import PERSON, conversation_of, known
from bridge.commands import Answer, Block, MergeContacts, Rejected, ToConversation, Unblock
from bridge.lists import Lists
from bridge.model import DEFAULT_WORKSPACE
from bridge.ports import Deps, Receive

BLOCK = """What they say from now on is kept and goes nowhere: no handoff opens, no bot hears it.
An open handoff is resolved with the reason, and they are told nothing. Any number of times."""
UNBLOCK = "Any number of times. Whom the settings name (`[handoff] blocked`) stays blocked."
MERGE = """The named user is the same person as the one of the path, and so is whoever is one with
either. Notes, handoffs before and being blocked are the person's; of what is known of both, what is
known of the user of the path stands. Conversations and addresses stay as they are. Any number of
times."""
LIST = "The last one first; those whom only the settings name are not among them."
ORDER = "blocked"


class Blocking:
    def __init__(self, receive: Receive, deps: Deps, lists: Lists) -> None:
        self._receive = receive
        self._deps = deps
        self._lists = lists

    def calls(self) -> list[Call]:
        here, done, refusals = "Users", {200: answers.Blocked}, (404, 409)
        asked = shapes.PauseRequest
        block = (f"{PERSON}/block", self.block, here, "Block a user", done, DESK, asked)
        unblock = (f"{PERSON}/unblock", self.unblock, here, "Unblock a user", done, DESK)
        merge = (
            *(f"{PERSON}/merge", self.merge, here, "Merge two users"),
            *({200: answers.Merged}, DESK),
        )
        return [
            Call("POST", *block, refusals=refusals, about=BLOCK),
            Call("POST", *unblock, shapes.Request, refusals=refusals, about=UNBLOCK),
            Call("POST", *merge, shapes.MergeRequest, refusals=(404,), about=MERGE),
            Call(
                "GET",
                "/v1/blocked",
                self.every,
                here,
                "List who is blocked",
                {200: answers.BlockedPage},
                DESK,
                query=queries.PageQuery,
                refusals=(404,),
                about=LIST,
            ),
        ]

    async def block(self, it: Asked) -> Response:
        to, by = ToConversation(await conversation_of(it, self._deps.reads)), it.caller.as_author()
        command = Block(_key(), self._deps.clock(), to, by, it.body.reason)
        return _done(await self._receive(command))

    async def unblock(self, it: Asked) -> Response:
        to, by = ToConversation(await conversation_of(it, self._deps.reads)), it.caller.as_author()
        return _done(await self._receive(Unblock(_key(), self._deps.clock(), to, by)))

    async def merge(self, it: Asked) -> Response:
        reads, by = self._deps.reads, it.caller.as_author()
        to = ToConversation(await conversation_of(it, reads))
        other = await known(reads, it.body.channel, it.body.user_id)
        key = f"api:merge:{secrets.token_hex(12)}"
        result = await self._receive(MergeContacts(key, self._deps.clock(), to, other, by))
        done = told(answers.Merged(merged=True))
        return refused(result.reason, result.data) if isinstance(result, Rejected) else done

    async def every(self, it: Asked) -> Response:
        after = begin(ORDER, it.query.cursor, int, str)
        rows = await self._lists.blocked(DEFAULT_WORKSPACE, after, it.query.limit + 1)
        found, following = cut(
            ORDER, rows, it.query.limit, lambda row: (row[1].blocked_at, row[1].id)
        )
        shown = [answers.blocked(talk, contact) for talk, contact in found]
        return told(answers.BlockedPage(blocked=shown, next_cursor=following), HTTPStatus.OK)


def _key() -> str:
    return f"api:block:{secrets.token_hex(12)}"


def _done(result: Answer) -> Response:
    if isinstance(result, Rejected):
        return refused(result.reason, result.data)
    return told(answers.Blocked(blocked=bool(result.data.get("blocked"))))
