"""`POST /email/inbound`: answers by e-mail, as a mail server or a mail service hands them in.

The body is the whole e-mail (`message/rfc822`), or a form or JSON with it in a field. Whoever has
the secret may hand in; whose words it is, is judged by the token in the address and by the sender:
only mail from the address that was written to is taken for the user's. All else is kept as a remark
for agents, and never makes us write to anybody.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.email import quotes
from adapters.email.reading import Kind, Mail, Part, no_mail, read
from adapters.email.tokens import Tokens
from bridge.blocking import BLOCKED
from bridge.commands import Rejected, Remark, ToConversation, ToUser, UserSaid, refusal_of
from bridge.errors import BadRequest, Refused, TooMany
from bridge.filing import MAX_FILES
from bridge.mailing import BY_EMAIL, shortened
from bridge.model import Attachment, Contact, Conversation, ConversationId
from bridge.ports import Deps, Receive
from bridge.problems import answer, parse_object

PATH = "/email/inbound"
RAW_PATH = f"{PATH}/mime"
"""The same. Mailgun posts the whole e-mail only to an address that ends so (Mailgun: receiving
messages via HTTP)."""
MAX_WORDS = 10_000
"""Characters, as in the chat; what is longer is cut, and whole in the e-mail that is kept."""
FIELDS = ("email", "body-mime", "raw", "RawEmail", "message")
"""Where forms and JSON have the e-mail: SendGrid, Mailgun, Postmark, and others."""
RECIPIENTS = ("recipient", "to", "envelope", "OriginalRecipient")
BURST, PER_SECOND = 30, 0.05
"""E-mails of one conversation: so many at once, and three a minute in the long run."""
PIECE = 64 * 1024
WHOLE = "e-mail.eml"
_WHY_NOT: Mapping[str, str] = {
    "file_too_large": "too large",
    "file_type": "of a kind that is not taken",
    "file_empty": "empty",
    "no_room": "there is no room",
}

log = structlog.get_logger("email")


@dataclass(frozen=True, slots=True)
class HandedIn:
    raw: bytes
    recipients: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Came:
    """An e-mail, and whose conversation it belongs to. `key`: its identity there."""

    mail: Mail
    raw: bytes
    conversation: Conversation
    contact: Contact
    key: str

    @property
    def last(self) -> str:
        """Of the remark, which comes last."""
        return f"{self.key}:whole"


class Door:
    def __init__(
        self, secret: str, tokens: Tokens, deps: Deps, receive: Receive, address: str
    ) -> None:
        """`address`: ours, from which letters go."""
        self._secret = secret
        self._tokens = tokens
        self._deps = deps
        self._receive = receive
        self._address = address

    def routes(self) -> list[Route]:
        return [Route(path, self._take, methods=["POST"]) for path in (PATH, RAW_PATH)]

    async def _take(self, request: Request) -> Response:
        if not admits(self._secret, request.headers.get("authorization", "")):
            raise BadRequest("unauthorized", "The secret is missing or wrong.", status=401)
        handed = await handed_in(request)
        mail = await asyncio.to_thread(read, handed.raw)  # some have 25 MiB
        came = await self._placed(mail, handed)
        if came is None:
            log.warning("email_for_nobody", kind=str(mail.kind))
            return answer({"status": "ignored", "reason": "unknown_recipient"})
        if await self._deps.reads.taken([came.last]):
            return answer({"status": "known", "conversation_id": came.conversation.id})
        await self._admit(came.conversation.id)
        status = await self._heard(came)
        return answer({"status": status, "conversation_id": came.conversation.id})

    async def _placed(self, mail: Mail, handed: HandedIn) -> Came | None:
        named = self._tokens.find((*handed.recipients, *mail.named))
        conversation = await self._deps.reads.conversation(named) if named else None
        contact = await self._deps.reads.contact(named) if named else None
        if conversation is None or contact is None or conversation.is_gone:
            return None
        key = f"{BY_EMAIL}{conversation.id}:{mail.id}"
        return Came(mail, handed.raw, conversation, contact, key)

    async def _admit(self, conversation: ConversationId) -> None:
        """Two machines that answer each other end here. Raises TooMany."""
        wait = await self._deps.limiter.take(f"email:{conversation}", PER_SECOND, BURST)
        if wait > 0:
            raise TooMany(wait)

    async def _heard(self, came: Came) -> str:
        if came.mail.kind is Kind.ANSWER and came.mail.sender == came.contact.email.casefold():
            return await self._said(came)
        await self._remark(came, *_told(came))
        return "noted"

    # --- the user's words ------------------------------------------------------------------------

    async def _said(self, came: Came) -> str:
        mine = await asyncio.to_thread(quotes.own, came.mail.text, self._address)
        files, missing = await self._kept(came)
        if not mine.text and not files and not missing:
            return "empty"
        words = mine.text if len(mine.text) <= MAX_WORDS else f"{mine.text[:MAX_WORDS]}…"
        text = f"✉️ All of the e-mail. {missing}" if missing else "✉️ All of the e-mail."
        shown = bool(mine.more or missing or words != mine.text)
        said = UserSaid(
            *(came.key, self._deps.clock(), _user(came), words), attachments=files, source=came.key
        )
        result = await self._receive(said)
        if refusal_of(result) == BLOCKED:
            return "refused"
        await self._remark(came, "email", text, shown=shown)
        return "refused" if isinstance(result, Rejected) else "taken"

    async def _kept(self, came: Came) -> tuple[tuple[Attachment, ...], str]:
        """What came with it and is kept, and a word about what is not."""
        kept, missing = [], []
        for part in came.mail.files[:MAX_FILES]:
            try:
                kept.append(await self._keep(came, part))
            except Refused as error:
                missing.append(f"{part.name[:100]} ({_WHY_NOT.get(error.reason, error.reason)})")
        missing += [f"{part.name[:100]} (too many)" for part in came.mail.files[MAX_FILES:]]
        told = f"Not shown here: {', '.join(missing)}." if missing else ""
        return tuple(kept), told

    async def _keep(self, came: Came, part: Part) -> Attachment:
        return await self._deps.files.keep(came.conversation.id, part.name, _pieces(part.content))

    # --- what is for agents alone ----------------------------------------------------------------

    async def _remark(self, came: Came, reason: str, text: str, *, shown: bool = True) -> None:
        """With the e-mail as it came; where that cannot be kept, agents are told so."""
        files: tuple[Attachment, ...] = ()
        try:
            files = (await self._keep(came, Part(WHOLE, came.raw)),)
        except Refused as error:
            why = _WHY_NOT.get(error.reason, error.reason)
            text, shown = f"{text}\n\n⚠️ The whole e-mail is not kept: {why}.", True
        to, at = ToConversation(came.conversation.id), self._deps.clock()
        await self._receive(Remark(came.last, at, to, reason, text, files, shown))


# --- who hands in, and what ----------------------------------------------------------------------


def admits(secret: str, header: str) -> bool:
    """`Bearer SECRET`, or `Basic` with it as the password, as an address with `user:SECRET@` has
    it."""
    scheme, _, given = header.partition(" ")
    if scheme.lower() == "basic":
        try:
            given = base64.b64decode(given.strip(), validate=True).decode().partition(":")[2]
        except (binascii.Error, ValueError):
            given = ""
    return hmac.compare_digest(secret.encode(), given.strip().encode())


async def handed_in(request: Request) -> HandedIn:
    """Raises BadRequest."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        return _from_fields(parse_object(await request.body()))
    if kind in ("multipart/form-data", "application/x-www-form-urlencoded"):
        async with request.form(max_files=5, max_fields=200, max_part_size=64 * 2**20) as form:
            read_ = {
                name: await value.read() if isinstance(value, UploadFile) else value
                for name, value in form.items()
                if name in FIELDS + RECIPIENTS
            }
        return _from_fields(read_)
    return HandedIn(await request.body())


def _from_fields(fields: Mapping[str, Any]) -> HandedIn:
    given = next((fields[name] for name in FIELDS if fields.get(name)), None)
    if not isinstance(given, str | bytes):
        raise no_mail()
    raw = given if isinstance(given, bytes) else given.encode("utf-8", "replace")
    named = (str(fields[name]) for name in RECIPIENTS if fields.get(name))
    return HandedIn(raw, tuple(named))


async def _pieces(content: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(content), PIECE):
        yield content[at : at + PIECE]


# --- what is said of it --------------------------------------------------------------------------


def _user(came: Came) -> ToUser:
    """Who has no name is called as their mail program calls them."""
    conversation, contact = came.conversation, came.contact
    return ToUser(
        *(conversation.workspace_id, conversation.id, contact.id),
        *(conversation.channel, conversation.address),
        name="" if contact.name else came.mail.name,
    )


def _told(came: Came) -> tuple[str, str]:
    """A code, and the words for agents."""
    mail, address = came.mail, shortened(came.contact.email)
    if mail.kind is Kind.BOUNCE:
        why = f": {_plain(mail.reason)}" if mail.reason else "."
        return "email_bounced", f"⚠️ The e-mail to {address} came back{why}"
    if mail.kind is Kind.AUTOMATIC:
        return "email_automatic", f"✉️ A machine answered the e-mail to {address}.{_quoted(mail)}"
    who = _plain(mail.sender)
    told = f"✉️ {who} answered the e-mail to {address}, and was not taken for its owner."
    return "email_foreign", told + _quoted(mail)


def _quoted(mail: Mail) -> str:
    """Its first words, which are no markup."""
    words = mail.text.strip()[:1_000].replace("~~~", "~ ~")
    return f"\n\n~~~~\n{words}\n~~~~" if words else ""


def _plain(text: str) -> str:
    """On one line, and no markup."""
    return "`" + " ".join(text.replace("`", "'").split()) + "`"
