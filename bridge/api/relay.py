"""`POST /v1/relay/messages`: a bot that keeps its own channel passes in what its users say."""

from __future__ import annotations

from starlette.responses import Response

from bridge.api import answers, shapes
from bridge.api.access import Caller
from bridge.api.calls import BOT, Asked, Call, told
from bridge.api.refusals import refused
from bridge.commands import ToUser, UserSaid, refusal_of
from bridge.errors import BadRequest
from bridge.hook_store import Hooks
from bridge.model import DEFAULT_WORKSPACE, contact_id, conversation_id
from bridge.ports import Deps, Receive
from bridge.relaying import CHANNEL, address

ABOUT = """`reply_to` is a webhook that the same key has registered; what the user is to see goes
there as `message.created`, and changes as `message.edited` and `message.deleted`, with your own
name of the `conversation`. The same `id` again is taken once."""


async def check_reply_to(hooks: Hooks, caller: Caller, webhook: str) -> None:
    """Raises BadRequest (404) for a webhook that the caller has not registered."""
    endpoint = await hooks.endpoint(webhook)
    if endpoint is None or endpoint.owner != caller.name:
        fields = {"reply_to": "is no webhook of this key"}
        raise BadRequest("not_found", "There is no such webhook.", fields, status=404)


class Relay:
    def __init__(self, receive: Receive, deps: Deps, hooks: Hooks) -> None:
        self._receive = receive
        self._deps = deps
        self._hooks = hooks

    def calls(self) -> list[Call]:
        return [
            Call(
                "POST",
                "/v1/relay/messages",
                self.take,
                "Relay",
                "Pass in what a user says",
                {202: answers.Relayed},
                BOT,
                shapes.RelayRequest,
                refusals=(404, 409),
                about=ABOUT,
            )
        ]

    async def take(self, it: Asked) -> Response:
        said: shapes.RelayRequest = it.body
        await check_reply_to(self._hooks, it.caller, said.reply_to)
        to = relayed(said.reply_to, said.conversation, said.user)
        result = await self._receive(
            UserSaid(
                key=f"api:{it.caller.name}:relay:{to.conversation_id}:{said.id}",
                at=self._deps.clock(),
                to=to,
                text=said.whole,
                digest=shapes.digest(said),
            )
        )
        if reason := refusal_of(result):
            return refused(reason, result.data)
        taken = answers.Relayed(conversation_id=to.conversation_id, **result.data)
        return told(taken, 202)


def relayed(webhook: str, conversation: str, user: shapes.UserShape) -> ToUser:
    here = address(webhook, conversation)
    return ToUser(
        workspace_id=DEFAULT_WORKSPACE,
        conversation_id=conversation_id(DEFAULT_WORKSPACE, CHANNEL, here),
        contact_id=contact_id(DEFAULT_WORKSPACE, CHANNEL, here),
        channel=CHANNEL,
        address=here,
        name=user.name,
        email=user.email,
        avatar_url=shapes.picture(user.avatar_url),
        locale=user.locale,
        attributes=user.attributes,
    )
