"""A real mail server on loopback, and the house that sends through it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ssl import SSLContext
from typing import Any
from warnings import catch_warnings

import httpx
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from adapters.email.config import EmailConfig
from adapters.email.sending import Email
from bridge.model import SECOND, ConversationId
from bridge.policy import Traits
from bridge.ports import Deps
from bridge.settings_email import MailServer
from bridge.web import application
from storage.memory import MemoryLimiter, MemoryPresence
from tests.bridge.driver import CNV
from tests.bridge.fakes import AbleDesk, FakeChannel
from tests.bridge.house import POLICY, House, house

SECRET = "the secret of the door, of at least 32 characters"
BEARER = {"Authorization": f"Bearer {SECRET}", "Content-Type": "message/rfc822"}
OURS, SAMS = "help@shop.example", "sam@home.example"
SITE = "https://shop.example"
AFTER = 120
MAILED = replace(
    POLICY,
    channels={"webchat": Traits(max_text=10_000, reads_store=True, files=True, mails=True)},
    mail_after=AFTER * SECOND,
)


@dataclass
class MailHost:
    """What an MX does with what it is handed. `says`: answers by command, one each time; `DROP`
    ends the connection there."""

    taken: list[Envelope] = field(default_factory=list)
    says: dict[str, list[str]] = field(default_factory=dict)
    port: int = 0

    def _next(self, command: str, server: SMTP) -> str:
        said = self.says.get(command)
        answer = said.pop(0) if said else "250 OK"
        if answer == "DROP":
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return answer

    async def handle_MAIL(  # noqa: N802 - aiosmtpd calls it by this name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        envelope.mail_from = address
        return self._next("MAIL", server)

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self._next("RCPT", server)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self._next("DATA", server)
        if answer[0] in "2D":
            self.taken.append(envelope)
        return answer

    @property
    def mails(self) -> list[EmailMessage]:
        return [_read(each) for each in self.taken]


def _read(envelope: Envelope) -> EmailMessage:
    assert isinstance(envelope.content, bytes)
    return message_from_bytes(envelope.content.replace(b"\r\n", b"\n"), policy=default)


def _knows(
    server: object, session: object, envelope: object, mechanism: str, data: Any
) -> AuthResult:
    return AuthResult(success=data.password == b"right", handled=False)


@asynccontextmanager
async def mail_host(
    *, login: bool = False, within: SSLContext | None = None, starttls: SSLContext | None = None
) -> AsyncIterator[MailHost]:
    """`within`: TLS from the first byte."""
    host = MailHost()
    more: dict[str, Any] = {"authenticator": _knows} if login else {"tls_context": starttls}
    loop = asyncio.get_running_loop()

    def serve() -> SMTP:
        with catch_warnings(action="ignore"):  # that a password goes over loopback in the clear
            return SMTP(host, auth_required=login, auth_require_tls=False, loop=loop, **more)

    listening = await loop.create_server(serve, "127.0.0.1", 0, ssl=within)
    host.port = listening.sockets[0].getsockname()[1]
    try:
        yield host
    finally:
        listening.close()


@dataclass
class Chat(FakeChannel):
    """A webchat whose visitors are there when the test says so."""

    traits: Traits = MAILED.channels["webchat"]
    there: bool = False

    async def is_there(self, conversation: ConversationId) -> bool:
        assert conversation == CNV
        return self.there


def configured(port: int, **more: Any) -> EmailConfig:
    server = MailServer("127.0.0.1", port, tls=False, starttls=False)
    given: dict[str, Any] = {
        "server": server,
        "name": "The Shop",
        "address": OURS,
        "answers_to": "reply@in.shop.example",
        "plus": True,
        "secret": SECRET,
        "keys": (b"k" * 32,),
        "origins": frozenset({SITE}),
        "timeout": 10.0,
    }
    return EmailConfig(**{**given, **more})


@dataclass
class Post:
    """The house, the mail host, and the door for what comes back."""

    host: MailHost
    house: House
    chat: Chat
    door: httpx.AsyncClient
    mailer: Email

    async def comes(self, mail: EmailMessage | bytes, **more: Any) -> httpx.Response:
        given = {"content": bytes(mail), "headers": BEARER, **more}
        answered = await self.door.post("/email/inbound", **given)
        await self.house.quiet()
        return answered


@asynccontextmanager
async def post(url: str, **more: Any) -> AsyncIterator[Post]:
    async with mail_host() as host:
        chat = Chat()
        async with house(url, AbleDesk(), policy=MAILED, channel=chat) as made:
            clocked = MemoryLimiter(lambda: made.clock.now / SECOND)
            deps = Deps(
                None, made.reads, made.bell, clocked, MemoryPresence(), made.clock, made.files
            )
            mailer = Email(configured(host.port, **more), deps)
            made.performer.mailman = replace(made.performer.mailman, mailer=mailer)
            app = application(mailer.routes(made.inbox.handle))
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://desk.test") as door:
                yield Post(host, made, chat, door, mailer)
