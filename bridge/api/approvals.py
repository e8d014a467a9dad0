"""`/v1/approvals`: a draft of a bot's that people decide about, and what they decided."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from bridge import schemas
from bridge.api import queries, shapes
from bridge.api.access import Caller, bot_of, in_charge
from bridge.api.actions import away
from bridge.api.approval_shapes import (
    DECISIONS,
    ApprovalOut,
    ApprovalPage,
    ApprovalQuery,
    ApprovalRequest,
    ApproveRequest,
    EditRequest,
    RejectRequest,
    RespondRequest,
    Said,
    shown,
)
from bridge.api.calls import DESK, Asked, Call, told
from bridge.api.paging import begin, cut
from bridge.api.refusals import refused
from bridge.commands import Accepted, Judge, Rejected, RequestApproval, ToConversation, ToUser
from bridge.errors import BadRequest, DeliveryError
from bridge.gates import CHANNEL, Act, Approval, Ask, Verdict
from bridge.keys import Scope
from bridge.lists import Drafts, Lists
from bridge.model import (
    DEFAULT_WORKSPACE,
    SECOND,
    ConversationId,
    contact_id,
    conversation_id,
    derive_id,
    given,
)
from bridge.ports import Deps, Receive, Staff, topic_of
from bridge.settings_approvals import MEMBER_ID

GROUP = "Approvals"
PATH = "/v1/approvals"
POLL = 5.0
"""Seconds after which it is looked again, whoever rang."""
REQUEST = """A person decides about `draft`: words for a customer, `{"text": …}`, or any JSON, which
is shown readably and edited by its `schema` (JSON Schema, draft 2020-12), where it has one. With
`send` what was approved is said to the customer in the same moment, unless the conversation has
changed hands. It is settled once: poll it, wait for it, or be told by `approval.decided`. The same
`id` again is answered 200 with the same."""
LIST = "The newest first. A bot that signs sees its own alone."
ORDER = "approvals"
SHOW = """`value` is what may be used, null until then, and where nothing may. With `?wait=25` (up
to 60) it is answered as soon as it is settled, or after so many seconds."""
DECIDE = """By call in place of a click, by whoever has the key: one vote for each key, and none for
the one that asked: 403 `own_draft`. 409 `already_decided` with who was faster, 409 `draft_changed`
when `revision` is not the newest."""


class Approvals:
    """`staff`: the desk, where it knows who its agents are."""

    def __init__(self, receive: Receive, deps: Deps, lists: Lists, staff: Staff | None) -> None:
        self._receive = receive
        self._deps = deps
        self._lists = lists
        self._staff = staff

    def calls(self) -> list[Call]:
        good: dict[int, Any] = {200: ApprovalOut}
        return [
            Call(
                *("POST", PATH, self.request, GROUP, "Ask for a decision"),
                {202: ApprovalOut, 200: ApprovalOut},
                body=ApprovalRequest,
                signed=True,
                refusals=(404, 409),
                about=REQUEST,
            ),
            Call(
                *("GET", PATH, self.every, GROUP, "List approvals", {200: ApprovalPage}),
                query=queries.ApprovalsQuery,
                signed=True,
                refusals=(404,),
                about=LIST,
            ),
            Call(
                *("GET", f"{PATH}/{{id}}", self.show, GROUP, "What was decided", good),
                signed=True,
                refusals=(404,),
                about=SHOW,
            ),
            *(self._decision(act, good) for act in DECISIONS),
        ]

    def _decision(self, act: Act, good: dict[int, Any]) -> Call:
        return Call(
            *(
                "POST",
                f"{PATH}/{{id}}/{act}",
                self._judging(act),
                GROUP,
                f"{act.title()} it",
                good,
            ),
            DESK,
            DECISIONS[act],
            refusals=(403, 404, 409),
            about=DECIDE,
        )

    # --- asking --------------------------------------------------------------------------------

    async def request(self, it: Asked) -> Response:
        body: ApprovalRequest = it.body
        _check_schema(body)
        name = it.caller.names(body.id)
        to, bot = await self._to(it.caller, body, name)
        command = RequestApproval(
            key=f"api:{it.caller.name}:approval:{name}",
            at=self._deps.clock(),
            to=to,
            by=it.caller.as_author(),
            bot_id=bot,
            ask=await self._ask(body),
            epoch=body.epoch,
            asker=it.caller.name,
            digest=shapes.digest(body),
        )
        result = await self._receive(command)
        if isinstance(result, Rejected):
            return refused(result.reason, result.data)
        made = await self._found(result.data["id"])
        new = isinstance(result, Accepted)
        return told(shown(made), HTTPStatus.ACCEPTED if new else HTTPStatus.OK)

    async def _to(
        self, caller: Caller, body: ApprovalRequest, name: str
    ) -> tuple[ToConversation | ToUser, str]:
        """Where it goes, and whose it is. What is about no conversation has one of its own."""
        if body.conversation_id is None:
            return _alone(f"{caller.name}:{name}"), caller.bot_id
        named = ConversationId(body.conversation_id)
        conversation = await self._deps.reads.conversation(named)
        if conversation is None or conversation.is_gone:
            raise BadRequest("not_found", "There is no such conversation.", status=404)
        in_charge(caller, self._deps.settings, conversation.channel)
        bot = caller.bot_id or bot_of(self._deps.settings, conversation.channel)
        return ToConversation(named), bot or caller.name

    async def _ask(self, body: ApprovalRequest) -> Ask:
        reviewers = None if body.reviewers is None else await self._reviewers(body.reviewers)
        return Ask(
            title=body.title,
            draft=_said(body.draft) if body.send else body.draft,
            form=body.draft_schema,
            allowed=body.allowed,
            reviewers=reviewers,
            quorum=body.quorum,
            expires_in=None if body.expires_in is None else int(body.expires_in * SECOND),
            on_timeout=body.on_timeout,
            send=body.send,
            context=body.context,
        )

    async def _reviewers(self, named: Sequence[str]) -> tuple[str, ...]:
        """Queues and ids as they are, people's names as their ids: a name may be another's
        tomorrow. Raises BadRequest."""
        queues = {queue.name for queue in self._deps.settings.queues}
        names = [n for n in named if n not in queues and not MEMBER_ID.fullmatch(n)]
        found = await self._people(names) if names else {}
        for n, name in enumerate(named):
            if name in names and name.casefold() not in found:
                fault = f"there is no queue and nobody called {name}"
                raise BadRequest("not_found", shapes.UNFIT, {f"reviewers.{n}": fault}, status=404)
        return tuple(found.get(name.casefold(), name) if name in names else name for name in named)

    async def _people(self, names: Sequence[str]) -> dict[str, str]:
        """Ids by names in small letters, of those that only one has. Raises BadRequest."""
        try:
            staff = await self._staff.agents() if self._staff else ()
        except DeliveryError as error:
            raise away() from error
        called = Counter(agent.name.casefold() for agent in staff)
        wanted = {name.casefold() for name in names}
        return {
            name: agent.id
            for agent in staff
            if called[name := agent.name.casefold()] == 1 and name in wanted
        }

    # --- looking -------------------------------------------------------------------------------

    async def every(self, it: Asked) -> Response:
        query: queries.ApprovalsQuery = it.query
        own = it.caller.bot_id if it.caller.signed else ""
        wanted = Drafts(query.status, query.queue, query.conversation, own)
        after = begin(ORDER, query.cursor, int, str)
        rows = await self._lists.approvals(DEFAULT_WORKSPACE, wanted, after, query.limit + 1)
        found, following = cut(ORDER, rows, query.limit, lambda each: (each.created_at, each.id))
        return told(ApprovalPage(approvals=[shown(e) for e in found], next_cursor=following))

    async def show(self, it: Asked) -> Response:
        approval = await self._mine(it)
        query: ApprovalQuery = shapes.read_query(it.request, ApprovalQuery)
        if approval.is_pending and query.wait:
            approval = await self._settled(it, approval, query.wait)
        return told(shown(approval))

    async def _settled(self, it: Asked, approval: Approval, wait: float) -> Approval:
        """As it is when it is settled, or when the time is over or nobody waits any more."""
        clock = asyncio.get_running_loop().time
        ends = clock() + wait
        with self._deps.bell.listen(topic_of(approval.conversation_id)) as listener:
            approval = await self._found(approval.id)  # it may have been settled since it was read
            while approval.is_pending and (left := ends - clock()) > 0:
                await listener.wait(min(left, POLL))
                approval = await self._found(approval.id)
                if await it.request.is_disconnected():
                    break
        return approval

    async def _mine(self, it: Asked) -> Approval:
        """Raises BadRequest: 404 also for what is another bot's."""
        approval = await self._lists.approval(it.path("id"))
        if approval is None or not it.caller.may_speak_for(approval.bot_id):
            raise BadRequest("not_found", "There is no such approval.", status=404)
        return approval

    async def _found(self, id: str) -> Approval:
        return given(await self._lists.approval(id))

    # --- deciding ------------------------------------------------------------------------------

    def _judging(self, act: Act) -> Callable[[Asked], Awaitable[Response]]:
        async def judge(it: Asked) -> Response:
            return await self._judge(act, it)

        return judge

    async def _judge(self, act: Act, it: Asked) -> Response:
        approval, body = await self._mine(it), it.body
        command = Judge(
            key=f"api:{it.caller.name}:{act}:{approval.id}:{it.caller.names(body.id)}",
            at=self._deps.clock(),
            to=ToConversation(approval.conversation_id),
            approval_id=approval.id,
            judge=it.caller.as_agent(),
            verdict=_verdict(act, body, anyhow=Scope.ADMIN in it.caller.scopes),
            digest=shapes.digest(body),
        )
        result = await self._receive(command)
        if isinstance(result, Rejected):
            return refused(result.reason, result.data)
        return told(shown(await self._found(approval.id)))


def _check_schema(body: ApprovalRequest) -> None:
    """Raises BadRequest (409) for one that is none, or that the draft does not fit."""
    fault = schemas.fault_in(body.draft_schema) if body.draft_schema is not None else ""
    unfit = {} if fault else schemas.faults(body.draft_schema, body.draft)
    if fault or unfit:
        told = {"schema": fault} if fault else {f"draft.{name}": why for name, why in unfit.items()}
        raise BadRequest("bad_schema", "The schema does not fit.", told, status=409)


def _said(draft: dict[str, Any]) -> dict[str, Any]:
    """Without what nobody knows."""
    return Said.model_validate(draft).model_dump(mode="json", exclude_unset=True)


def _verdict(act: Act, body: ApproveRequest, *, anyhow: bool) -> Verdict:
    match body:
        case EditRequest(value=value, revision=revision):
            return Verdict(act, value, revision=revision, anyhow=anyhow)
        case RejectRequest(reason=text) | RespondRequest(text=text):
            return Verdict(act, text=text, revision=body.revision, anyhow=anyhow)
        case _:
            return Verdict(act, revision=body.revision, anyhow=anyhow)


def _alone(name: str) -> ToUser:
    address = derive_id("ask", name)
    return ToUser(
        DEFAULT_WORKSPACE,
        conversation_id(DEFAULT_WORKSPACE, CHANNEL, address),
        contact_id(DEFAULT_WORKSPACE, CHANNEL, address),
        CHANNEL,
        address,
    )
