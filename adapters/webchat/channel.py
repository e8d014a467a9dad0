"""The routes of the webchat, and the webchat as a channel (contract §3).

A visitor's messages become commands, and what is answered to them they read from our store: a
message that is committed is delivered, so `send` has nothing to do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from adapters.webchat import attachments, files, intake, prechat, transcript
from adapters.webchat.feed import Feed
from adapters.webchat.greeting import admits, greet, proven
from adapters.webchat.limits import Limits, has_bot
from adapters.webchat.sessions import CHANNEL, Session, Sessions
from adapters.webchat.shape import attachment_json, message_json, settings_json
from adapters.webchat.strangers import Strangers
from bridge.commands import (
    Describe,
    Rate,
    Rejected,
    ToConversation,
    ToMessage,
    ToUser,
    UserEnded,
    UserReacted,
    UserRead,
    UserSaid,
    refusal_of,
)
from bridge.downloads import HEADERS, download, missing
from bridge.errors import BadRequest
from bridge.model import (
    Attachment,
    Author,
    Conversation,
    ConversationId,
    MessageId,
    Role,
)
from bridge.policies import queue
from bridge.policy import Asks, Traits
from bridge.ports import Deps, Outgoing, Receipt, Receive
from bridge.problems import answer, answer_to, header, json_body, problem, query_number
from bridge.reactions import OFFERED
from bridge.settings_prechat import PrechatField
from bridge.stores import LATEST
from bridge.web import Endpoint

Answered = Callable[[Request], Awaitable[Response]]
ALLOWED = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Last-Event-ID",
    "Access-Control-Max-Age": "7200",
}
STREAM_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
LONGEST_WAIT = 25.0


class Webchat:
    """Implements `bridge.ports.Channel`, `Runs` and `Streams`, and `bridge.letters.SeesWhoIsThere`;
    ends its streams when asked to."""

    name = CHANNEL
    traits = Traits(
        max_text=intake.MAX_TEXT,
        reads_store=True,
        edits=True,
        deletes=True,
        files=True,
        reactions=True,
        buttons=13,
        mails=True,
        asks=Asks.ITSELF,
    )

    def __init__(self, deps: Deps) -> None:
        settings = deps.settings
        self._deps = deps
        self._has_bot = has_bot(settings, CHANNEL)
        self._sessions = Sessions(settings.secret_keys)
        self.limits = Limits(settings, deps.limiter, deps.reads)
        queues = tuple(queue(each, settings) for each in settings.queues)
        gone_after = settings.email.after if settings.smtp_url else 0.0
        self._feed = Feed(deps, has_bot=self._has_bot, queues=queues, gone_after=gone_after)
        self._origins = frozenset(settings.webchat_origins)
        self._strangers = Strangers()

    async def send(self, conversation: Conversation, message: Outgoing, key: str) -> Receipt:
        """Never called (`Traits.reads_store`): its users read from our store."""
        del conversation, message, key
        return Receipt()

    async def start(self) -> None:
        """Nothing: rows and streams come with the visitors."""

    def drain(self) -> None:
        """Every stream and every long poll ends now; what comes for them waits in the store."""
        self._feed.end()

    async def close(self) -> None:
        self._feed.end()

    def open_streams(self) -> int:
        return self._feed.open()

    async def is_there(self, conversation: ConversationId) -> bool:
        return await self._feed.is_there(conversation)

    def routes(self, receive: Receive) -> Sequence[BaseRoute]:
        door = Door(self, receive)
        paths: dict[str, tuple[str, Answered]] = {
            "/webchat/sessions": ("POST", door.greet),
            "/webchat/stream": ("GET", self._stream),
            "/webchat/typing": ("POST", self._typing),
            "/webchat/read": ("POST", door.read),
            "/webchat/reactions": ("POST", door.react),
            "/webchat/end": ("POST", door.end),
            "/webchat/email": ("POST", door.email),
            "/webchat/rating": ("POST", door.rate),
            "/webchat/files": ("POST", self._take_file),
            "/webchat/transcript": ("GET", self._transcript),
        }
        kept = self._guard(self._file)
        messages = Endpoint(self._guard(door.messages))
        return [
            Route("/webchat/messages", messages, methods=["GET", "POST", "OPTIONS"]),
            *(
                Route(path, self._guard(endpoint), methods=[method, "OPTIONS"])
                for path, (method, endpoint) in paths.items()
            ),
            Route("/webchat/files/{id}", kept, methods=["GET", "OPTIONS"]),
            *files.routes(),
        ]

    # --- around every request ------------------------------------------------------------------

    def _guard(self, endpoint: Answered) -> Answered:
        """Who asks from an origin that is not allowed gets 403; others get CORS, on errors too."""

        async def guarded(request: Request) -> Response:
            origin = header(request, b"origin")
            if origin is not None and origin not in self._origins:
                self._strangers.came(origin, self.now())
                return problem("origin_not_allowed", "This site may not use this desk.", 403)
            if request.method == "OPTIONS":
                response = Response(status_code=204, headers=ALLOWED)
            else:
                try:
                    response = await endpoint(request)
                except Exception as error:  # noqa: BLE001 - answered and logged as everywhere else
                    response = await answer_to(request, error)
            if origin is not None:
                response.headers["Access-Control-Allow-Origin"] = origin
                response.headers["Access-Control-Expose-Headers"] = "Retry-After"
                response.headers["Vary"] = "Origin"
            return response

        return guarded

    def session(self, request: Request) -> Session:
        """Raises BadRequest (401): the widget then asks for another session, and is told there
        what it needs for one."""
        scheme, _, token = (header(request, b"authorization") or "").partition(" ")
        known = self._sessions.read(token, self._deps.clock()) if scheme == "Bearer" else None
        if known is None or not admits(self._deps.settings, known):
            raise BadRequest("unauthorized", "The session has ended. Start a new one.", status=401)
        return known

    # --- endpoints that change nothing ----------------------------------------------------------

    async def greet(self, request: Request, receive: Receive) -> Response:
        """A session: nothing is stored, rows come with the first message, but that one who wrote
        and then proves who they are is the same person."""
        hello = intake.read_hello(await json_body(request), request.headers.get("user-agent", ""))
        settings, now = self._deps.settings, self._deps.clock()
        known = self._sessions.read(hello.visitor, now) if hello.visitor else None
        greeted = greet(hello, known, settings, now)
        user = greeted.user
        if known and (proof := proven(known, user, now)):
            wrote = await self._deps.reads.conversation(known.conversation)
            if wrote and not wrote.is_gone:
                await receive(proof)
        token = self._sessions.issue(user, now, greeted.signed, introduced=greeted.introduced)
        locale, status = user.locale or "en", await self._feed.status(user.conversation_id)
        told = settings_json(settings, locale, has_bot=self._has_bot)
        if form := await self._to_ask(user, introduced=greeted.introduced):
            told["prechat"] = prechat.form_json(form, locale)
        return answer(
            {
                "token": token,
                "conversation_id": user.conversation_id,
                "cursor": 0,
                "settings": {**told, "status": status},
            },
            201,
        )

    async def _to_ask(self, user: ToUser, *, introduced: bool) -> Sequence[PrechatField]:
        """What is asked of a visitor before their first message."""
        form = () if introduced else self._deps.settings.webchat.prechat
        asked = prechat.unknown(form, user)
        if asked and await self._deps.reads.conversation(user.conversation_id):
            return ()
        return asked

    async def admit_introduced(self, session: Session) -> None:
        """Raises BadRequest for who has not said what they must before the first message."""
        asked = await self._to_ask(session.user, introduced=session.introduced)
        if required := [each.name for each in asked if each.required]:
            faults = {f"prechat.{name}": "must be filled in" for name in required}
            raise BadRequest("prechat_required", "A form comes before the first message.", faults)

    async def history(self, request: Request) -> Response:
        session = self.session(request)
        after = int(query_number(request.query_params.get("after", ""), "after", 2**53))
        wait = query_number(request.query_params.get("wait", ""), "wait", LONGEST_WAIT)
        found, cursor = await self._feed.messages(session.conversation, after, wait)
        status = await self._feed.status(session.conversation)
        shown = [message_json(message) for message in found]
        return answer({"messages": shown, "cursor": cursor, "status": status})

    async def _stream(self, request: Request) -> Response:
        session = self.session(request)
        last = request.headers.get("last-event-id") or request.query_params.get("after", "")
        after = int(query_number(last, "after", 2**53))
        events = self._feed.stream(session.conversation, after)
        return StreamingResponse(events, media_type="text/event-stream", headers=STREAM_HEADERS)

    async def _transcript(self, request: Request) -> Response:
        """All that the visitor may see, as a page to be saved."""
        session, reads = self.session(request), self._deps.reads
        zone = transcript.zone(request.query_params.get("zone") or "UTC")
        await self.limits.seldom("transcript", session.conversation)
        said = await reads.between(session.conversation, 0, LATEST)
        shown = [message for message in said if message.rev]  # to the others a file is to come yet
        locale, title = session.user.locale or "en", self._deps.settings.webchat.title
        page = await asyncio.to_thread(transcript.page, shown, title, locale, zone)
        named = f'attachment; filename="{transcript.name(self.now(), zone)}"'
        headers = {**HEADERS, "Content-Disposition": named}
        return Response(page, headers=headers, media_type="text/html")

    async def _typing(self, request: Request) -> Response:
        session = self.session(request)
        await self.admit_signal(session)
        typing = {"on": intake.read_flag(await json_body(request), "on")}
        self._deps.bell.publish(f"typing:{session.conversation}", orjson.dumps(typing))
        return Response(status_code=204)

    async def _take_file(self, request: Request) -> Response:
        session = self.session(request)
        await self.limits.file(session.conversation)
        kept = await attachments.take(request, session.conversation, self._deps.files)
        return answer(attachment_json(kept), 201)

    async def _file(self, request: Request) -> Response:
        session, kept = self.session(request), self._deps.files
        file = await attachments.readable(request.path_params["id"], session.conversation, kept)
        if file is None or not await kept.is_shown(file):
            raise missing()
        return await download(kept, file)

    async def named(self, ids: Sequence[str], session: Session) -> tuple[Attachment, ...]:
        """The files that a message of this visitor's names. Raises BadRequest."""
        return await attachments.named(ids, session.conversation, self._deps.files, self.now())

    async def admit(self, session: Session, request: Request) -> None:
        """One message more of this visitor's. Raises TooMany."""
        await self.limits.message(session.conversation, request)

    async def admit_signal(self, session: Session) -> None:
        """One sign of life more: typing, reading, leaving. Raises TooMany."""
        await self.limits.signal(session.conversation)

    def now(self) -> int:
        return self._deps.clock()


class Door:
    """The endpoints through which a visitor changes something."""

    def __init__(self, chat: Webchat, receive: Receive) -> None:
        self._chat = chat
        self._receive = receive

    async def greet(self, request: Request) -> Response:
        return await self._chat.greet(request, self._receive)

    async def messages(self, request: Request) -> Response:
        if request.method == "GET":
            return await self._chat.history(request)
        session = self._chat.session(request)
        said = intake.read_message(await json_body(request))
        await self._chat.admit_introduced(session)
        await self._chat.admit(session, request)
        came = await self._chat.named(said.files, session) if said.files else ()
        result = await self._receive(
            UserSaid(
                key=f"webchat:{session.conversation}:{said.client_id}",
                at=self._chat.now(),
                to=session.user,
                text=said.text,
                payload=said.payload,
                attachments=came,
                digest=said.digest,
            )
        )
        reason = refusal_of(result)
        if reason or "id" not in result.data:
            code, message, status = _REFUSALS.get(reason or "", NOT_KEPT)
            raise BadRequest(code, message, status=status)
        return answer({"id": result.data["id"], "seq": result.data["seq"]}, 202)

    async def read(self, request: Request) -> Response:
        session = self._chat.session(request)
        seq = intake.read_whole(await json_body(request), "seq")
        await self._chat.admit_signal(session)
        key, at = f"webchat:{session.conversation}:read:{seq}", self._chat.now()
        await self._receive(UserRead(key, at, ToConversation(session.conversation), seq))
        return Response(status_code=204)

    async def react(self, request: Request) -> Response:
        """An emoji on a message of an agent's or the bot's, put on or taken off."""
        session, at = self._chat.session(request), self._chat.now()
        wish = intake.read_reaction(await json_body(request), OFFERED)
        await self._chat.admit_signal(session)
        here = session.conversation
        key = f"webchat:{here}:reaction:{wish.message}:{wish.emoji}:{at}"
        to = ToMessage(MessageId(wish.message))
        result = await self._receive(UserReacted(key, at, to, here, wish.emoji, wish.on))
        if isinstance(result, Rejected):
            return problem("not_found", "There is no such message here.", 404)
        return Response(status_code=204)

    async def email(self, request: Request) -> Response:
        """Where the team may write to a visitor; what a site has signed of them comes before it."""
        session, at = self._chat.session(request), self._chat.now()
        email = intake.read_email(await json_body(request))
        await self._chat.admit_signal(session)
        key, to = f"webchat:{session.conversation}:email:{at}", ToConversation(session.conversation)
        by = Author(Role.USER, session.user.contact_id, session.user.name)
        fields = {"email": session.user.email or email}
        if isinstance(await self._receive(Describe(key, at, to, by, fields)), Rejected):
            return problem("not_found", "Nothing was said here yet.", 404)
        return Response(status_code=204)

    async def rate(self, request: Request) -> Response:
        """What the visitor thinks of the handoff that ended last."""
        session, at = self._chat.session(request), self._chat.now()
        score, comment = intake.read_rating(await json_body(request))
        await self._chat.limits.seldom("rating", session.conversation)
        key, to = (
            f"webchat:{session.conversation}:rating:{at}",
            ToConversation(session.conversation),
        )
        if isinstance(await self._receive(Rate(key, at, to, score, comment)), Rejected):
            return problem("nothing_to_rate", "There is nothing to rate here now.", 409)
        return Response(status_code=204)

    async def end(self, request: Request) -> Response:
        session, at = self._chat.session(request), self._chat.now()
        await self._chat.admit_signal(session)
        key = f"webchat:{session.conversation}:end:{at}"
        result = await self._receive(UserEnded(key, at, ToConversation(session.conversation)))
        if isinstance(result, Rejected):
            return problem("not_now", "There is nobody to leave.", 409)
        return answer({"status": result.data.get("status", "bot")}, 202)


NOT_KEPT = ("not_kept", "This message cannot be kept.", 422)
_REFUSALS = {
    "id_reused": ("id_reused", "This client_id was used for another message.", 409),
    "blocked": ("blocked", "This chat is closed.", 403),
}
