"""`/v1/handoffs`: a bot asks for a human; who waits, and how each stands."""

from __future__ import annotations

from collections.abc import Collection

from starlette.responses import Response

from bridge.api import answers, queries, shapes
from bridge.api.access import Caller, in_charge
from bridge.api.calls import Asked, Call, told
from bridge.api.paging import begin, cut
from bridge.api.presence import Presences
from bridge.api.records import Records
from bridge.api.refusals import refused
from bridge.api.relay import check_reply_to, relayed
from bridge.commands import (
    Accepted,
    Answer,
    OpenHandoff,
    Rejected,
    ToConversation,
    ToUser,
)
from bridge.errors import BadRequest
from bridge.lists import place_of, width_of
from bridge.model import (
    DEFAULT_WORKSPACE,
    ConversationId,
    HandoffId,
    Status,
    contact_id,
    conversation_id,
    given,
)
from bridge.ports import Deps, Receive
from bridge.relaying import CHANNEL

CREATE = """The same `id` again is answered 200 with the same; 409 `handoff_open` says which one is
open. Where nobody is there, as `GET /v1/availability` tells it, who would rather be rejected than
wait (`if_unavailable`) is, and nothing is kept."""


class Handoffs:
    def __init__(
        self,
        receive: Receive,
        deps: Deps,
        records: Records,
        channels: Collection[str],
        presences: Presences,
    ) -> None:
        self._receive = receive
        self._deps = deps
        self._lists = records.lists
        self._hooks = records.hooks
        self._channels = channels
        self._presences = presences

    def calls(self) -> list[Call]:
        path, group = "/v1/handoffs", "Handoffs"
        opened = {202: answers.Receipt, 200: answers.Receipt}
        return [
            Call(
                "POST",
                path,
                self.create,
                group,
                "Ask for a human",
                opened,
                body=shapes.HandoffRequest,
                signed=True,
                refusals=(404, 409),
                about=CREATE,
            ),
            Call(
                "GET",
                path,
                self.every,
                group,
                "List handoffs",
                {200: answers.HandoffPage},
                query=queries.HandoffQuery,
                refusals=(404,),
            ),
            Call(
                "GET",
                f"{path}/{{id}}",
                self.show,
                group,
                "Look at one",
                {200: answers.HandoffOut},
                refusals=(404,),
            ),
        ]

    async def create(self, it: Asked) -> Response:
        asked: shapes.HandoffRequest = it.body
        if asked.channel and asked.channel not in self._channels:
            fault = f"there is no such channel; there are {', '.join(sorted(self._channels))}"
            raise BadRequest("invalid", shapes.UNFIT, {"channel": fault})
        if asked.reply_to or asked.channel == CHANNEL:
            await check_reply_to(self._hooks, it.caller, asked.reply_to)
        in_charge(it.caller, self._deps.settings, await self._channel_of(asked))
        if asked.if_unavailable == "reject" and not await self._somebody(asked):
            return told(_rejected(asked), 202)
        return self._answered(await self._receive(self._command(it.caller, asked)))

    async def every(self, it: Asked) -> Response:
        """By pages; the position is that of now."""
        query: queries.HandoffQuery = it.query
        sort, wanted = query.sort, query.wanted()
        after = begin(sort, query.cursor, *[int] * width_of(sort))
        rows = await self._lists.handoffs(DEFAULT_WORKSPACE, wanted, after, query.limit + 1)
        views, following = cut(sort, rows, query.limit, lambda view: place_of(view, sort))
        ahead = await self._lists.ahead([view.handoff.id for view in views])
        shown = [answers.handoff(view, ahead.get(view.handoff.id)) for view in views]
        return told(answers.HandoffPage(handoffs=shown, next_cursor=following))

    async def _somebody(self, asked: shapes.HandoffRequest) -> bool:
        locale = asked.user.locale if asked.user else ""
        there = await self._presences.of(asked.queue or "", asked.labels, locale or "")
        return there.accepting

    async def _channel_of(self, asked: shapes.HandoffRequest) -> str:
        if not asked.conversation_id:
            return asked.channel or ""
        named = ConversationId(asked.conversation_id)
        conversation = await self._deps.reads.conversation(named)
        return conversation.channel if conversation else ""

    def _command(self, caller: Caller, asked: shapes.HandoffRequest) -> OpenHandoff:
        now = self._deps.clock()
        name = caller.names(asked.id)
        return OpenHandoff(
            key=f"api:{caller.name}:handoff:{name}",
            at=now,
            to=_to(asked),
            by=caller.as_author(),
            escalation=asked.escalation(now),
            epoch=asked.epoch,
            digest=shapes.digest(asked),
        )

    async def show(self, it: Asked) -> Response:
        named = HandoffId(it.path("id"))
        view = await self._deps.reads.view(named)
        if view is None:
            raise BadRequest("not_found", "There is no such handoff.", status=404)
        ahead = await self._lists.ahead([named])
        return told(answers.handoff(view, ahead.get(named)))

    @staticmethod
    def _answered(result: Answer) -> Response:
        """How it stood when it was opened: the same id again gets the same answer."""
        if isinstance(result, Rejected):
            return refused(result.reason, result.data)
        receipt = answers.Receipt.model_validate(result.data)
        return told(receipt, 202 if isinstance(result, Accepted) else 200)


def _rejected(asked: shapes.HandoffRequest) -> answers.Receipt:
    to = _to(asked)
    return answers.Receipt(
        id=None,
        conversation_id=to.id if isinstance(to, ToConversation) else to.conversation_id,
        status=Status.REJECTED,
        position=None,
        estimated_wait=None,
        open=False,
    )


def _to(asked: shapes.HandoffRequest) -> ToUser | ToConversation:
    if asked.conversation_id:
        return ToConversation(ConversationId(asked.conversation_id))
    channel, user = given(asked.channel), given(asked.user)  # the shape has seen to it
    if channel == CHANNEL:
        return relayed(asked.reply_to, user.id, user)
    return ToUser(
        workspace_id=DEFAULT_WORKSPACE,
        conversation_id=conversation_id(DEFAULT_WORKSPACE, channel, user.id),
        contact_id=contact_id(DEFAULT_WORKSPACE, channel, user.id),
        channel=channel,
        address=user.id,
        name=user.name,
        email=user.email,
        avatar_url=shapes.picture(user.avatar_url),
        locale=user.locale,
        attributes=user.attributes,
    )
