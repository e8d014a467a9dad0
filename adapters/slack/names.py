"""How people are called on the desk, and under which picture they post. Pure.

A customer's name is whatever they typed. It never carries markup, and the suffix says who speaks,
so that nobody can look like a colleague, the app or Slackbot.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
import unicodedata
from urllib.parse import urlsplit

from adapters.slack.blocks import Sender, cut
from bridge.model import Author, Contact, Handoff, Role

CUSTOMER = "customer"
BOT = "bot"
NAMELESS = "Visitor"
COLOURS = (
    *("amber", "blue", "coral", "golden", "green", "grey", "ivory", "lilac"),
    *("olive", "pink", "red", "rosy", "silver", "teal", "violet", "white"),
)
ANIMALS = (
    *("badger", "crane", "dolphin", "falcon", "finch", "fox", "hare", "heron"),
    *("lynx", "marten", "otter", "owl", "robin", "seal", "swan", "wren"),
)
"""What tells nameless users apart."""
MAX_NAME = 60
"""Units of a name; Slack shows at most 80 of a sender's."""
ICONS = (
    ":large_blue_circle:",
    ":large_green_circle:",
    ":large_orange_circle:",
    ":large_purple_circle:",
    ":large_yellow_circle:",
    ":large_brown_circle:",
)
ROBOT = ":robot_face:"
_MARKUP = re.compile(r"[<>&@*_~`|·]")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Unicode categories of characters that nobody sees: controls, direction marks, private use."""
_JOINERS = "\u200c\u200d"
"""Persian names and families of emoji need them."""
_ISOLATES = "\u2068\u2069"


def safe_name(name: str, otherwise: str = NAMELESS) -> str:
    """A name without markup, hidden characters or line breaks, and of bearable length."""
    seen = (
        char if char in _JOINERS or unicodedata.category(char) not in _HIDDEN else " "
        for char in name
    )
    words = _MARKUP.sub(" ", "".join(seen)).split()
    words = [word for word in words if word.strip(_JOINERS)]
    return isolated(cut(" ".join(words), MAX_NAME)) or otherwise


def isolated(text: str) -> str:
    """Words written from right to left turn nothing around them: without this the `15` of
    `Resolved by <name> · 15 min` stands before the name, and a line that begins with the name is
    turned as a whole."""
    turns = any(unicodedata.bidirectional(char) in ("R", "AL") for char in text)
    return f"\u2068{text}\u2069" if turns else text


def customer_name(contact: Contact) -> str:
    """Nameless users are told apart: `Visitor amber otter`, always the same for the same one."""
    return safe_name(contact.name, "") or f"{NAMELESS} {nickname(contact.id)}"


def nickname(key: str) -> str:
    number = _number(key)
    first, second = divmod(number, len(ANIMALS))
    return f"{COLOURS[first % len(COLOURS)]} {ANIMALS[second]}"


def first_name(contact: Contact) -> str:
    """For sentences: `Send to Sam`. Nameless users are "the customer"."""
    return first_of(safe_name(contact.name, "")) or "the customer"


def first_of(name: str) -> str:
    return isolated(name.strip(_ISOLATES).split(" ")[0])


def number_of(handoff: Handoff) -> str:
    """`#42`"""
    return f"#{handoff.number}" if handoff.number else ""


def is_public(url: str) -> bool:
    """Whether Slack's servers can fetch it: https, and a name or address of the open internet."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        usable = parts.scheme == "https" and not parts.username and parts.port in (None, 443)
    except ValueError:
        return False
    if not usable or not url.isascii() or any(char in url for char in "<>\"' |"):
        return False
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        local = (".localhost", ".local", ".internal", ".test", ".example", ".invalid", ".lan")
        return "." in host and not host.endswith(local)


def customer_sender(contact: Contact) -> Sender:
    name = f"{customer_name(contact)} · {CUSTOMER}"
    if is_public(contact.avatar_url):
        return Sender(name, icon_url=contact.avatar_url)
    return Sender(name, icon_emoji=icon_of(contact.id))


def bot_sender(author: Author) -> Sender:
    name = f"{safe_name(author.name, 'Assistant')} · {BOT}"
    if is_public(author.avatar_url):
        return Sender(name, icon_url=author.avatar_url)
    return Sender(name, icon_emoji=ROBOT)


def icon_of(key: str) -> str:
    """One of a few emoji, always the same for the same person."""
    return ICONS[_number(key) % len(ICONS)]


def _number(key: str) -> int:
    digest = hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=4).digest()
    return int.from_bytes(digest, "big")


def speaker(author: Author, contact: Contact) -> str:
    """Who said it, in a list of messages of all sides."""
    if author.role is Role.USER:
        return customer_name(contact)
    if author.role is Role.BOT:
        return safe_name(author.name, "Assistant")
    return safe_name(author.name, "Desk")
