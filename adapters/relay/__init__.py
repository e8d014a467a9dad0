"""The relay: the channel of bots that keep their own. `adapters.relay:channel` is its entry point.

What its users say comes in by `POST /v1/relay/messages` (`bridge/api/relay.py`); what they are to
see goes to the webhook that the bot named, signed, under an id that is the same at each attempt.
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.routing import BaseRoute

from bridge.model import Conversation, Message
from bridge.policy import Traits
from bridge.ports import Deps, Outgoing, Receipt, Receive
from bridge.relaying import CHANNEL, body, webhook_of

TRAITS = Traits(max_text=40_000, edits=True, deletes=True, buttons=13, repeatable=True)


class Relay:
    """Implements Channel and Corrects of `bridge.ports`."""

    def __init__(self, deps: Deps) -> None:
        self._tell = deps.tell

    @property
    def name(self) -> str:
        return CHANNEL

    @property
    def traits(self) -> Traits:
        return TRAITS

    def routes(self, receive: Receive) -> Sequence[BaseRoute]:  # noqa: ARG002 - the API has them
        return []

    async def send(self, conversation: Conversation, message: Outgoing, key: str) -> Receipt:
        """The whole message with its first part: nothing is too long. Raises DeliveryError."""
        if message.part:
            return Receipt()
        told = body("message.created", conversation, message.message)
        await self._tell(webhook_of(conversation), key, told)
        return Receipt()

    async def correct(self, conversation: Conversation, message: Message) -> None:
        """Raises DeliveryError."""
        what = "message.deleted" if message.deleted else "message.edited"
        key = f"{message.id}/rev{message.rev}"
        await self._tell(webhook_of(conversation), key, body(what, conversation, message))


def channel(deps: Deps) -> Relay:
    return Relay(deps)
