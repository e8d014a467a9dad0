"""What came in, whatever it is: an e-mail's headers, words and files, and what kind it is. Pure.

Mail is anybody's bytes: headers in no known code, bodies cut off, a thousand parts in each other.
Nothing here fails for that but by `BadRequest`; what cannot be read is read as well as it can be.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses
from enum import StrEnum
from itertools import islice

from adapters.email.plain import from_html
from bridge.errors import BadRequest
from bridge.problems import clean

MAX_PARTS = 100
MAX_HEADERS = 256 * 1024
"""Bytes above the body. Mail servers take a half of it, or less."""
MAX_BOUNDARIES, MAX_COLONS = 10_000, 100_000
"""Lines that may begin a part, or be a header of one: each costs far more than its bytes."""
LONGEST_HEADER, LONGEST_CONTENT = 16 * 1024, 2 * 1024
"""Characters of a header that are read, and of one that says what a part is (`Content-…`): its
parameters take the library the square of their length."""
DEEPEST = 20
"""Parts within each other; mail programs write three or four."""
LOGO = 20 * 1024
"""Bytes up to which a picture within the text is a signature's, most likely."""
RETURNED = 64 * 1024
"""Characters of a bounce in which the e-mail that it is about is looked for."""
_TO = ("to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "apparently-to")
_ANSWERED = ("in-reply-to", "references")
_MACHINES = re.compile(r"^(mailer-daemon|postmaster|no-?reply|do-?not-?reply)@", re.IGNORECASE)
_BULK = frozenset({"bulk", "junk", "list", "auto_reply"})
_TELLS = ("list-id", "list-unsubscribe", "x-autoreply", "x-autorespond", "x-auto-response")
"""Headers of mail that nobody wrote to us."""
_CHARSET = re.compile(r'charset\s*=\s*"?([\w.:-]{1,40})', re.IGNORECASE)
_COLON = re.compile(rb"\n[\w-]{1,80}:")
_ACTION = re.compile(r"^Action:\s*([a-z]+)", re.IGNORECASE | re.MULTILINE)
_WHY = re.compile(r"^Diagnostic-Code:\s*(.+(?:\r?\n[ \t].+)*)", re.IGNORECASE | re.MULTILINE)
_STATUS = re.compile(r"^Status:\s*([245]\.\d{1,3}\.\d{1,3})", re.IGNORECASE | re.MULTILINE)


class Kind(StrEnum):
    ANSWER = "answer"
    AUTOMATIC = "automatic"
    BOUNCE = "bounce"


@dataclass(frozen=True, slots=True)
class Part:
    """A file that came with it."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """`id` is the same whenever it comes; `named`: texts in which a token of ours may stand;
    `reason`: of a bounce, why it came back."""

    id: str
    kind: Kind
    sender: str
    name: str
    named: tuple[str, ...]
    text: str
    files: tuple[Part, ...]
    reason: str = ""


class _Cut(policy.Compat32):
    """As the library reads mail, but for headers that nobody writes."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        content = name.casefold().startswith("content-")
        return name, value[: LONGEST_CONTENT if content else LONGEST_HEADER]


def read(raw: bytes) -> Mail:
    """Raises BadRequest for what is no e-mail, and for one that takes too long to be read: anybody
    may send one to the address, before it is known whose it is."""
    if _takes_long(raw):
        raise no_mail()
    try:
        return _read(raw, message_from_bytes(raw, policy=_Cut()))
    except (MessageError, RecursionError) as error:
        raise no_mail() from error


def _takes_long(raw: bytes) -> bool:
    """Parts within parts cost the square of their number."""
    head = raw[: MAX_HEADERS + 4]
    begins = b"\n\n" in head or b"\r\n\r\n" in head or len(raw) <= MAX_HEADERS
    many = raw.lower().count(b"multipart/") > MAX_PARTS or raw.count(b"\n--") > MAX_BOUNDARIES
    return many or not begins or any(islice(_COLON.finditer(raw), MAX_COLONS, None))


def no_mail() -> BadRequest:
    return BadRequest("invalid", "This is no e-mail: one has a From line, and comes whole.")


def _read(raw: bytes, message: Message) -> Mail:
    name, sender = _sender(message)
    if not sender:
        raise no_mail()
    parts = list(_parts(message))
    kind, reason = _kind(message, sender, raw)
    named = [*_headers(message, _TO), *_headers(message, _ANSWERED)]
    if kind is Kind.BOUNCE:  # where what came back stands in it
        named.append(raw[:RETURNED].decode("ascii", "replace"))
    given = " ".join(_headers(message, ("message-id",))).encode("utf-8", "replace")
    return Mail(
        id=hashlib.blake2b(given.strip() or raw, digest_size=16).hexdigest(),
        kind=kind,
        sender=sender,
        name=name,
        named=tuple(named),
        text=clean(_text(parts)),
        files=tuple(_files(parts)),
        reason=clean(reason),
    )


# --- headers -------------------------------------------------------------------------------------


def _headers(message: Message, names: Sequence[str]) -> list[str]:
    return [_decoded(value) for name in names for value in message.get_all(name, [])]


def _decoded(value: object) -> str:
    """A header in one line; one whose code is not known stays as it is written."""
    text = str(value)
    with suppress(LookupError, ValueError, MessageError):
        text = str(make_header(decode_header(text)))
    return clean(" ".join(text.split()))


def _sender(message: Message) -> tuple[str, str]:
    """Name and address, the latter in small letters. Where several are named nobody knows which of
    them the mail server has vouched for: they stand there together, and are no one's address."""
    found = {
        clean(address.strip().casefold()): name
        for value in message.get_all("from", [])
        for name, address in getaddresses([" ".join(str(value).split())])
        if "@" in address
    }
    name = _decoded(next(iter(found.values()))) if len(found) == 1 else ""
    return name[:200], ", ".join(found)[:320]


def _kind(message: Message, sender: str, raw: bytes) -> tuple[Kind, str]:
    returned = [path.replace(" ", "") for path in _headers(message, ("return-path",))]
    report = message.get_content_type() == "multipart/report"
    if report or sender.startswith("mailer-daemon@"):
        return _report(raw.decode("latin-1"))
    submitted = " ".join(_headers(message, ("auto-submitted",))).lower() or "no"
    precedence = " ".join(_headers(message, ("precedence",))).lower()
    machine = (
        not submitted.startswith("no")
        or precedence in _BULK
        or "<>" in returned
        or any(name in message for name in _TELLS)
        or _MACHINES.match(sender)
    )
    return (Kind.AUTOMATIC if machine else Kind.ANSWER), ""


def _report(text: str) -> tuple[Kind, str]:
    """Of what was delivered, or only delayed, nobody needs to hear."""
    action = _ACTION.search(text)
    if action and action[1].lower() != "failed":
        return Kind.AUTOMATIC, ""
    why, status = _WHY.search(text), _STATUS.search(text)
    told = " ".join(why[1].split()) if why else ""
    told = told.partition(";")[2].strip() or told
    return Kind.BOUNCE, (told or (status[1] if status else ""))[:300]


# --- bodies --------------------------------------------------------------------------------------


def _parts(message: Message) -> Iterator[Message]:
    """All that hold something, in order; an e-mail within it is one of them. Without recursion."""
    waiting: list[tuple[Message, int]] = [(message, 0)]
    found = 0
    while waiting and found < MAX_PARTS:
        part, depth = waiting.pop()
        inside = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(inside, list):
            if depth < DEEPEST:
                within = (each for each in reversed(inside) if isinstance(each, Message))
                waiting.extend((each, depth + 1) for each in within)
            continue
        found += 1
        yield part


def _text(parts: Sequence[Message]) -> str:
    """Its plain words; where there are none, those of its HTML."""
    plain = [_words(part) for part in parts if _is_words(part, "text/plain")]
    if any(text.strip() for text in plain):
        return "\n".join(plain)
    return "\n".join(from_html(_words(part)) for part in parts if _is_words(part, "text/html"))


def _is_words(part: Message, kind: str) -> bool:
    return part.get_content_type() == kind and not _name(part) and not _is_attached(part)


def _is_attached(part: Message) -> bool:
    return str(part.get("content-disposition", "")).strip().lower().startswith("attachment")


def _name(part: Message) -> str:
    try:
        return _decoded(part.get_filename("") or "")
    except (LookupError, ValueError, TypeError):  # a name in parts, of which some are wrong
        return "file"


def _words(part: Message) -> str:
    text = _in_its_code(part)
    flowed = str(part.get("content-type", "")).lower().replace(" ", "")
    return _unfolded(text) if "format=flowed" in flowed else text


def _in_its_code(part: Message) -> str:
    content = _content(part)
    code = _CHARSET.search(str(part.get("content-type", "")))
    try:
        return content.decode(code[1] if code else "utf-8", "replace")
    except (LookupError, ValueError):
        return content.decode("utf-8", "replace")


def _unfolded(text: str) -> str:
    """Lines that end with a blank go on in the next one (RFC 3676); a signature's mark does not."""
    lines: list[str] = []
    goes_on = False
    for line in text.splitlines():
        if goes_on and not line.startswith(">"):
            lines[-1] += line
        else:
            lines.append(line)
        goes_on = line.endswith(" ") and line != "-- "
    return "\n".join(lines)


def _content(part: Message) -> bytes:
    inside = part.get_payload(decode=True)
    if isinstance(inside, bytes):
        return inside
    held = part.get_payload()  # an e-mail within it
    whole = held[0] if isinstance(held, list) and held else held
    return whole.as_bytes() if isinstance(whole, Message) else b""


def _files(parts: Sequence[Message]) -> Iterator[Part]:
    for n, part in enumerate(parts):
        kind = part.get_content_type()
        if any(_is_words(part, words) for words in ("text/plain", "text/html")):
            continue
        content = _content(part)
        picture = kind.startswith("image/") and "content-id" in part and not _is_attached(part)
        if content and not (picture and len(content) <= LOGO):
            ending = "eml" if kind == "message/rfc822" else kind.partition("/")[2]
            yield Part(_name(part) or f"file-{n + 1}.{ending}", content)
