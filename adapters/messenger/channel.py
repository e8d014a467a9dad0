"""Messenger as a channel of the bridge (design §4): what goes out, and what became of it.

Meta has no idempotency key. Our id goes with each send as its metadata and comes back in the echo,
which settles a send whose answer was lost (`bridge/echoes.py`). One whose echo does not come is
looked for in the page's own record, by its words and its time; what is not found there is put
before an agent and never sent twice by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from adapters.messenger import attachments, ids, sending, shapes
from adapters.messenger.client import Answer, Graph
from adapters.messenger.config import CHANNEL, MessengerConfig
from adapters.messenger.door import Door
from adapters.messenger.events import Said
from adapters.messenger.failures import BAD_MESSAGE
from adapters.messenger.intake import Intake
from adapters.messenger.keeper import Keeper
from adapters.messenger.personas import Personas
from adapters.messenger.profiles import Profiles
from bridge.commands import Accepted, Rejected
from bridge.commands import Answer as Taken
from bridge.errors import DeliveryError, Refused, StoreError, Unknown
from bridge.model import SECOND, Attachment, Conversation, Micros, Mode
from bridge.policy import Traits
from bridge.ports import Deps, Outgoing, Receipt, Receive, Runs
from bridge.web import Endpoint

PATH = "/messenger/webhook"
LATEST = 25
"""Messages of a conversation that are looked through for one whose echo did not come."""
CHORES = 200
"""Small things under way at once; more are left out."""

log = structlog.get_logger("messenger")


class Messenger:
    """Implements Channel, Finds, Lends, Fetches and Runs of `bridge.ports`."""

    name = CHANNEL

    def __init__(self, config: MessengerConfig, deps: Deps) -> None:
        self._config = config
        self._deps = deps
        self._graph = Graph(config, deps.limiter)
        self._personas = Personas(self._graph)
        self._profiles = Profiles(self._graph, deps.reads)
        self._chores: set[asyncio.Task[None]] = set()

    @property
    def traits(self) -> Traits:
        return sending.traits(self._config)

    # --- what comes in -------------------------------------------------------------------------

    def routes(self, receive: Receive) -> Sequence[BaseRoute]:
        door = Door(
            self._config,
            receive,
            intake=Intake(self._deps.reads),
            profiles=self._profiles,
            clock=self._deps.clock,
            heard=self._heard,
        )

        async def both(request: Request) -> Response:
            return await (door.hear if request.method == "POST" else door.verify)(request)

        return [Route(PATH, Endpoint(both), methods=["GET", "POST"])]

    def fetchers(self, receive: Receive) -> Sequence[Runs]:
        del receive
        config = self._config
        return [Keeper(self._graph, self._deps.limiter, tuple(config.tokens), config.keep_every)]

    async def start(self) -> None:
        """Nothing: the session is made with the first call."""

    async def close(self) -> None:
        for chore in self._chores:
            chore.cancel()
        if self._chores:
            await asyncio.wait(self._chores)
        await self._graph.close()

    async def fault(self) -> str:
        """Why nothing can be said there just now; empty: nothing that we know of."""
        return self._graph.condition.fault

    # --- what goes out -------------------------------------------------------------------------

    async def send(self, conversation: Conversation, message: Outgoing, key: str) -> Receipt:
        """Raises DeliveryError."""
        page, user = ids.page_and_user(conversation.address)
        author, now = message.message.author, self._deps.clock()
        right = sending.right(author, conversation.user_at, now, self._config)
        contact = await self._deps.reads.contact(conversation.id)
        locale = conversation.locale or (contact.locale if contact else "") or "en"
        replies = shapes.replies_to(conversation, message, locale)
        make = partial(shapes.message, user, replies=replies, key=key, right=right)
        answer = await self._send(page, message, make)
        mid = answer.get("message_id")
        if not isinstance(mid, str) or not mid:
            raise Unknown("no_message_id")
        return Receipt(ids.place(page, mid))

    async def _send(self, page: str, out: Outgoing, make: Any) -> Answer:
        """Under the agent's own face, where there is one."""
        author = out.message.author
        faced = self._config.personas and sending.is_person(author)
        persona = await self._personas.of(page, author) if faced else ""
        if persona:
            body = make(_words(out, prefix=False))
            try:
                return await self._graph.send(page, {**body, "persona_id": persona})
            except Refused as error:
                if error.reason != BAD_MESSAGE:
                    raise
                self._personas.forget(page, author)  # it was deleted meanwhile, perhaps
        return await self._graph.send(page, make(_words(out, prefix=True)))

    async def find(
        self, conversation: Conversation, message: Outgoing, key: str, since: Micros
    ) -> Receipt | None:
        """Its echo comes by the webhook; without one the page's own record is looked through.
        Raises Unknown while the echo may yet come, or while Meta does not answer."""
        del key
        if self._deps.clock() - since < self._config.echo_patience * SECOND:
            raise Unknown("no_echo_yet")
        page, user = ids.page_and_user(conversation.address)
        fields = f"messages.limit({LATEST}){{id,message,created_time,from}}"
        try:
            told = await self._graph.get(page, "conversations", user_id=user, fields=fields)
        except Refused:
            return None
        except DeliveryError as error:
            raise Unknown(error.reason) from error
        texts = {shapes.text_of(message, prefix=prefix).strip() for prefix in (False, True)}
        found = [mid for mid, text, at in _said_by(page, told) if text in texts and at >= since]
        known = await self._deps.reads.posted(CHANNEL, page, found)
        mid = next((each for each in found if each not in known), None)
        return Receipt(ids.place(page, mid)) if mid else None

    def lend(self, file: Attachment) -> AsyncIterator[bytes]:
        return attachments.lend(self._graph, self._config.api_url, file)

    # --- small signs, which may be lost --------------------------------------------------------

    def _heard(self, said: Said, answer: Taken) -> None:
        """The user sees that they were heard, and that the bot is about to answer."""
        if isinstance(answer, Accepted) and not said.where.standby:
            self._later(self._signs(said))
        elif isinstance(answer, Rejected):
            log.warning("not_taken", reason=answer.reason)

    async def _signs(self, said: Said) -> None:
        page, user = said.where.page, said.where.user
        try:
            await self._graph.post(page, "messages", **shapes.action(user, "mark_seen"))
            if self._config.has_bot and await self._is_with_bot(page, user):
                await self._graph.post(page, "messages", **shapes.action(user, "typing_on"))
        except (DeliveryError, StoreError) as error:
            log.debug("sign_lost", reason=str(error))

    async def _is_with_bot(self, page: str, user: str) -> bool:
        here = await self._deps.reads.conversation(ids.conversation_of(page, user))
        return here is not None and here.mode is Mode.BOT

    def _later(self, chore: Coroutine[Any, Any, None]) -> None:
        if len(self._chores) >= CHORES:
            chore.close()
            return
        task = asyncio.create_task(chore)
        self._chores.add(task)
        task.add_done_callback(self._chores.discard)


def _words(out: Outgoing, *, prefix: bool) -> str:
    """Raises Refused for a message of which nothing is left to read."""
    text = shapes.text_of(out, prefix=prefix)
    if not text.strip():
        raise Refused(BAD_MESSAGE)
    return text


def _said_by(page: str, told: Answer) -> list[tuple[str, str, Micros]]:
    """(mid, text, when) of the page's own messages in a conversation, as the API lists it."""
    found = []
    for conversation in _list(told.get("data")):
        for message in _list(_dict(conversation.get("messages")).get("data")):
            at = _when(message.get("created_time"))
            if str(_dict(message.get("from")).get("id")) == page and at:
                mid, text = str(message.get("id")), str(message.get("message") or "").strip()
                found.append((mid, text, at))
    return found


def _when(value: object) -> Micros:
    """`2026-11-21T09:54:44+0000`, which is cut to whole seconds: its end; zero: none."""
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return 0
    return int(moment.timestamp() + 1) * SECOND if moment.tzinfo else 0


def _list(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
