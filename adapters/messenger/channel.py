"""Messenger as a channel of the bridge (design §4): what goes out, and what became of it.

Meta has no idempotency key. Our id goes with each send as its metadata and comes back in the echo,
which settles a send whose answer was lost (`bridge/echoes.py`). One whose echo does not come is
looked for in the page's own record, by its words and its time; what is not found there is put
before an agent and never sent twice by itself.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from adapters.messenger import attachments, ids, sending, shapes, uploads
from adapters.messenger.client import Answer, Graph
from adapters.messenger.config import CHANNEL, MessengerConfig
from adapters.messenger.door import Door
from adapters.messenger.events import Said
from adapters.messenger.failures import BAD_MESSAGE, WINDOW_CLOSED
from adapters.messenger.intake import Intake
from adapters.messenger.keeper import Keeper
from adapters.messenger.personas import Personas
from adapters.messenger.profiles import Profiles
from bridge.background import Background
from bridge.commands import Accepted, Rejected
from bridge.commands import Answer as Taken
from bridge.errors import DeliveryError, Refused, Retry, StoreError, Unknown
from bridge.model import SECOND, Attachment, Conversation, Micros, Mode
from bridge.policy import Traits
from bridge.ports import Deps, Outgoing, ReadFile, Receipt, Receive, Runs
from bridge.recent import Recent
from bridge.web import Endpoint

PATH = "/messenger/webhook"
LATEST = 25
"""Messages of a conversation that are looked through for one whose echo did not come."""
CHORES = 200
"""Small things under way at once; more are left out."""

log = structlog.get_logger("messenger")


class Messenger:
    """Implements Channel, Uploads, Finds, Lends, Fetches and Runs of `bridge.ports`."""

    name = CHANNEL

    def __init__(self, config: MessengerConfig, deps: Deps) -> None:
        self._config = config
        self._deps = deps
        self._graph = Graph(config, deps.limiter)
        self._personas = Personas(self._graph)
        self._profiles = Profiles(self._graph, deps.reads)
        self._chores = Background()
        self._uploads: Recent[tuple[str, str], str] = Recent()
        """What Meta calls a file, by page and file: a send that waits uploads it once."""

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
        await self._chores.close()
        await self._graph.close()

    async def fault(self) -> str:
        """Why nothing can be said there just now; empty: nothing that we know of."""
        return self._graph.condition.fault

    # --- what goes out -------------------------------------------------------------------------

    async def send(self, conversation: Conversation, message: Outgoing, key: str) -> Receipt:
        """Raises DeliveryError."""
        page, user = ids.page_and_user(conversation.address)
        author, now = message.message.author, self._deps.clock()
        rights = sending.rights(author, conversation.user_at, now, self._config)
        if sending.is_person(author) and message.part == 0:
            self._later(self._sign(page, user, "mark_seen"))
        contact = await self._deps.reads.contact(conversation.id)
        locale = conversation.locale or (contact.locale if contact else "") or "en"
        replies = shapes.replies_to(conversation, message, locale)
        make = partial(shapes.message, user, replies=replies, key=key)
        try:
            ways = [partial(make, right=right) for right in rights]
            answer = await self._sent(page, message, ways)
        except Refused:
            if message.file:  # what Meta calls it may mean nothing any more
                self._uploads.put((page, message.file.ref), "")
            raise
        mid = answer.get("message_id")
        if not isinstance(mid, str) or not mid:
            raise Unknown("no_message_id")
        return Receipt(ids.place(page, mid))

    async def _sent(self, page: str, out: Outgoing, ways: Sequence[Any]) -> Answer:
        """By the next way where Meta says that the window is shut: it knows better than we do."""
        *others, last = ways
        for way in others:
            try:
                return await self._send(page, out, way)
            except Refused as error:
                if error.reason != WINDOW_CLOSED:
                    raise
        return await self._send(page, out, last)

    async def _send(self, page: str, out: Outgoing, make: Any) -> Answer:
        """Under the agent's own face, where there is one."""
        author = out.message.author
        faced = self._config.personas and sending.is_person(author)
        persona = await self._personas.of(page, author) if faced else ""
        if persona:
            body = make(_content(out, prefix=False))
            try:
                return await self._graph.send(page, {**body, "persona_id": persona})
            except Refused as error:
                if error.reason != BAD_MESSAGE:
                    raise
                self._personas.forget(page, author)  # it was deleted meanwhile, perhaps
        return await self._graph.send(page, make(_content(out, prefix=True)))

    async def upload(self, conversation: Conversation, file: Attachment, read: ReadFile) -> str:
        """Raises DeliveryError."""
        page, user = ids.page_and_user(conversation.address)
        known = self._uploads.get((page, file.ref))
        if known:
            return known
        self._later(self._sign(page, user, "typing_on"))
        answer = await self._graph.upload(page, uploads.Form(file, read))
        name = str(answer.get("attachment_id") or "")
        if not name:
            raise Retry("no_attachment_id")
        return self._uploads.put((page, file.ref), name)

    async def find(
        self,
        conversation: Conversation,
        message: Outgoing,
        key: str,
        since: Micros,
        doubted_at: Micros,
    ) -> Receipt | None:
        """Its echo comes by the webhook; without one the page's own record is looked through.
        Raises Unknown while the echo may yet come, or while Meta does not answer."""
        del key
        if self._deps.clock() - doubted_at < self._config.echo_patience * SECOND:
            raise Unknown("no_echo_yet")
        page, user = ids.page_and_user(conversation.address)
        fields = f"messages.limit({LATEST}){{id,message,created_time,from,attachments}}"
        try:
            told = await self._graph.get(page, "conversations", user_id=user, fields=fields)
        except Refused:
            return None
        except DeliveryError as error:
            raise Unknown(error.reason) from error
        looks = _looks(message)
        found = [mid for mid, what, at in _said_by(page, told) if what in looks and at >= since]
        known = await self._deps.reads.posted(CHANNEL, page, found)
        mid = next((each for each in found if each not in known), None)
        return Receipt(ids.place(page, mid)) if mid else None

    def lend(self, file: Attachment) -> AsyncIterator[bytes]:
        return attachments.lend(self._graph, self._config.api_url, file)

    # --- small signs, which may be lost --------------------------------------------------------

    def _heard(self, said: Said, answer: Taken) -> None:
        """The user sees that the bot has heard them and is about to answer. That an agent has
        read them they see when one answers: nobody knows before."""
        if isinstance(answer, Accepted) and not said.where.standby:
            self._later(self._signs(said))
        elif isinstance(answer, Rejected):
            log.warning("not_taken", reason=answer.reason)

    async def _signs(self, said: Said) -> None:
        page, user = said.where.page, said.where.user
        if await self._is_with_bot(page, user):
            await self._sign(page, user, "mark_seen", "typing_on")

    async def _sign(self, page: str, user: str, *names: str) -> None:
        """One after another; raises nothing."""
        try:
            for name in names:
                await self._graph.post(page, "messages", **shapes.action(user, name))
        except DeliveryError as error:
            log.debug("sign_lost", reason=error.reason)

    async def _is_with_bot(self, page: str, user: str) -> bool:
        if not self._config.has_bot:
            return False
        try:
            here = await self._deps.reads.conversation(ids.conversation_of(page, user))
        except StoreError:
            return False
        return here is not None and here.mode is Mode.BOT

    def _later(self, chore: Coroutine[Any, Any, None]) -> None:
        if len(self._chores) >= CHORES:
            chore.close()
            return
        self._chores.start("messenger chore", chore)


def _content(out: Outgoing, *, prefix: bool) -> shapes.Body:
    """Raises Refused for a message of which nothing is left to read."""
    if out.file:
        return uploads.attachment(out.file.mime, attachment_id=out.upload)
    text = shapes.text_of(out, prefix=prefix)
    if not text.strip():
        raise Refused(BAD_MESSAGE)
    return {"text": text}


What = tuple[str, str]
"""A text, or else the kind of an attachment."""


def _looks(out: Outgoing) -> set[What]:
    """How it may look in the page's record."""
    if out.file:
        return {("", uploads.kind_of(out.file.mime))}
    return {(shapes.text_of(out, prefix=prefix).strip(), "") for prefix in (False, True)}


def _said_by(page: str, told: Answer) -> list[tuple[str, What, Micros]]:
    """(mid, what, when) of the page's own messages in a conversation, as the API lists it."""
    found = []
    for conversation in _list(told.get("data")):
        for message in _list(_dict(conversation.get("messages")).get("data")):
            at = _when(message.get("created_time"))
            if str(_dict(message.get("from")).get("id")) == page and at:
                text = str(message.get("message") or "").strip()
                what = (text, "" if text else _attached(message))
                found.append((str(message.get("id")), what, at))
    return found


def _attached(message: Answer) -> str:
    files = _list(_dict(message.get("attachments")).get("data"))
    return uploads.kind_of(str(files[0].get("mime_type"))) if files else ""


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
