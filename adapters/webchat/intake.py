"""What visitors' requests carry, checked: the body of a session, of a message, of small things.

Written by hand since a message is the hot path. What names a person may be cut to its limit, what
they say never: too long is refused. Each function raises BadRequest naming the field.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from adapters.webchat.attachments import read_ids
from adapters.webchat.devices import device
from bridge import attributes
from bridge.errors import BadRequest
from bridge.hours import zone
from bridge.problems import clean, clean_json, parse_object
from bridge.ratings import MAX_COMMENT
from bridge.scores import SCORES

MAX_TEXT = 10_000
MAX_CLIENT_ID = 100
MAX_PAYLOAD = 1_000
MAX_TOKEN = 32_768
"""Characters; a token of ours is shorter, whatever the visitor's name and page."""
SHORT, LONG = 200, 1_000
"""Characters of a name or a title, and of an address."""
IN_URLS = ";/?:@&=+$,!~*'()%[]"
EMAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>.]+")
LOCALE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,3}")


@dataclass(frozen=True, slots=True)
class Said:
    """`digest` tells whether a repeated client_id says the same again."""

    client_id: str
    text: str
    payload: str
    digest: str
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reacted:
    """`message` is an id of ours."""

    message: str
    emoji: str
    on: bool


@dataclass(frozen=True, slots=True)
class Hello:
    """`told` is what ToUser is given besides the address. A `visitor` that cannot be a token of
    ours is none, as an old one is. `prechat`: what was answered before the first message; None:
    nothing was asked yet."""

    visitor: str
    identity: str
    told: dict[str, Any]
    prechat: dict[str, Any] | None = None


def read_message(body: bytes) -> Said:
    values = parse_object(body)
    client_id = _text(values, "client_id", MAX_CLIENT_ID)
    text, files = values.get("text"), read_ids(values.get("attachments"))
    if files and text is None:
        text = ""
    payload = _text(values, "payload", MAX_PAYLOAD) if values.get("payload") else ""
    if not client_id:
        raise _wrong("client_id", "must be a text")
    if not isinstance(text, str):
        raise _wrong("text", "must be a text")
    if len(text) > MAX_TEXT:
        message = f"A message has at most {MAX_TEXT} characters."
        raise BadRequest("too_large", message, {"text": "is too long"}, status=413)
    text = clean(text)
    if not text.strip() and not files:
        raise _wrong("text", "must not be empty")
    said = "\x1f".join([text, payload, *files]).encode()
    digest = hashlib.blake2b(said, digest_size=16).hexdigest()
    return Said(client_id, text, payload, digest, files)


def read_hello(body: bytes, user_agent: str = "") -> Hello:
    values = parse_object(body)
    page = values.get("page") or {}
    if not isinstance(page, dict):
        raise _wrong("page", "must be an object")
    told = {
        "locale": _locale(values),
        "page_url": _page_url(_text(page, "url", None, "page.url")),
        "page_title": _text(page, "title", None, "page.title")[:SHORT],
        "device": device(user_agent),
        "time_zone": _zone(values),
        "attributes": _attributes(values.get("attributes")),
    }
    visitor, identity = _text(values, "visitor", None), _text(values, "identity", None)
    answers = values.get("prechat")
    if answers is not None and not isinstance(answers, dict):
        raise _wrong("prechat", "must be an object")
    return Hello(visitor if len(visitor) <= MAX_TOKEN else "", identity, told, answers)


def told_by_site(claims: dict[str, Any]) -> dict[str, Any]:
    """What a site's JWT says of its user; what does not fit is left out, since it is signed."""
    avatar = _fitting(claims.get("avatar_url") or claims.get("picture"), LONG)
    told = {
        "name": _fitting(claims.get("name"), SHORT),
        "email": _fitting(claims.get("email"), SHORT),
        "avatar_url": avatar if avatar.startswith("https://") and avatar.isascii() else "",
        "locale": _fitting(claims.get("locale"), SHORT),
    }
    if not LOCALE.fullmatch(told["locale"]):
        told["locale"] = ""
    return {name: value for name, value in told.items() if value}


def site_attributes(claims: dict[str, Any]) -> dict[str, Any]:
    signed = claims.get("attributes")
    return _attributes(signed) if signed else {}


def read_reaction(body: bytes, offered: Collection[str]) -> Reacted:
    values = parse_object(body)
    message, emoji = values.get("message"), values.get("emoji")
    if not isinstance(message, str) or not 0 < len(message) <= MAX_CLIENT_ID:
        raise _wrong("message", "must be the id of a message")
    if not isinstance(emoji, str) or emoji not in offered:
        raise _wrong("emoji", f"must be one of {' '.join(offered)}")
    return Reacted(clean(message), emoji, read_flag(body, "on"))


def read_whole(body: bytes, name: str) -> int:
    value = parse_object(body).get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**53:
        raise _wrong(name, "must be a whole number")
    return value


def read_flag(body: bytes, name: str) -> bool:
    value = parse_object(body).get(name)
    if not isinstance(value, bool):
        raise _wrong(name, "must be true or false")
    return value


def read_rating(body: bytes) -> tuple[int, str | None]:
    """The score; the comment, None where there is no word of it."""
    values = parse_object(body)
    score = values.get("score")
    if not isinstance(score, int) or isinstance(score, bool) or not 1 <= score <= len(SCORES):
        raise _wrong("score", "must be a whole number from 1 to 5")
    comment = _text(values, "comment", MAX_COMMENT)
    return score, None if values.get("comment") is None else comment


def read_email(body: bytes) -> str:
    email = clean(_text(parse_object(body), "email", SHORT)).strip()
    if not EMAIL.fullmatch(email):
        raise _wrong("email", "must be an address such as sam@example.org")
    return email


def _text(values: dict[str, Any], name: str, most: int | None, path: str = "") -> str:
    value = values.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _wrong(path or name, "must be a text")
    if most is not None and len(value) > most:
        raise _wrong(path or name, f"must have at most {most} characters")
    return clean(value)


def _fitting(value: Any, most: int) -> str:
    return clean(value)[:most] if isinstance(value, str) else ""


def _locale(values: dict[str, Any]) -> str:
    locale = _text(values, "locale", None)
    return locale if LOCALE.fullmatch(locale) else ""


def _zone(values: dict[str, Any]) -> str:
    found = zone(_text(values, "time_zone", None))
    return found.key if found else ""


def _page_url(text: str) -> str:
    """The page without password and fragment, which are nobody's business."""
    try:
        url = urlsplit(text)
        host = url.netloc.rpartition("@")[2]
    except ValueError:
        return ""
    if url.scheme not in {"http", "https"}:
        return ""
    return quote(urlunsplit((url.scheme, host, url.path, url.query, "")), safe=IN_URLS)[:LONG]


def _attributes(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _wrong("attributes", "must be an object")
    return merged({}, clean_json(value))


def merged(known: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    """What is told now stands over what was known. Raises BadRequest when it is too much: it
    travels in the token."""
    together = known | told
    if not attributes.fits(together):
        raise _wrong("attributes", f"must have at most {attributes.MAX_BYTES} bytes")
    return together


def _wrong(field: str, fault: str) -> BadRequest:
    return BadRequest("invalid", f"{field} {fault}.", {field: fault})
