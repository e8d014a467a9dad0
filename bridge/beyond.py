"""Links from a customer's profile into other systems: addresses filled in with what is known. Pure.

Whatever is filled in is escaped, so that it can be nothing but a part of a path or of a query. A
link with a gap is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from urllib.parse import quote

from bridge.model import Contact, Conversation, Handoff
from bridge.templates import ATTRIBUTES, flat
from bridge.texts import fill, places

PLACES = ("userId", "userName", "userEmail", "channel", "conversationId", "handoffId", "number")
LONGEST = 2_000
"""Characters of an address; a longer one is left out."""


@dataclass(frozen=True, slots=True)
class Way:
    """`url` with places such as `{{userEmail}}` and `{{attributes.order.id}}` in it."""

    label: str
    url: str


def links(
    ways: tuple[Way, ...], contact: Contact, talk: Conversation, handoff: Handoff | None
) -> list[tuple[str, str]]:
    """Label and address of each that can be filled in."""
    known = _known(contact, talk, handoff)
    found = ((way.label, fill(way.url, known)) for way in ways if _is_filled(way, known))
    return [(label, url) for label, url in found if len(url) <= LONGEST]


def _is_filled(way: Way, known: Mapping[str, str]) -> bool:
    return all(known.get(name) or otherwise for name, otherwise in places(way.url))


def _known(contact: Contact, talk: Conversation, handoff: Handoff | None) -> dict[str, str]:
    values = {
        "userId": contact.address,
        "userName": contact.name,
        "userEmail": contact.email,
        "channel": talk.channel,
        "conversationId": talk.id,
        "handoffId": handoff.id if handoff else "",
        "number": str(handoff.number) if handoff and handoff.number else "",
        **dict(flat(ATTRIBUTES, contact.attributes)),
    }
    return {name: quote(value, safe="", errors="replace") for name, value in values.items()}


def fault_in(url: str) -> str:
    """Why it can be no address of a link; empty: it can. Where it leads is nothing to be filled
    in."""
    host, slash, _ = url.removeprefix("https://").partition("/")
    if not url.startswith("https://") or not slash or not host or places(host):
        return "must begin with https:// and the name of a host, without {{…}} in it, and a /"
    around = fill(url, dict.fromkeys((name for name, _ in places(url)), "x"))
    written = "".join([around, *(otherwise for _, otherwise in places(url))])
    if any(c <= " " or c in '"<>\\^`' for c in written):
        return "must have no spaces, quotes and the like"
    for name, _ in places(url):
        if name not in PLACES and not name.startswith(ATTRIBUTES):
            near = get_close_matches(name, PLACES, n=1)
            meant = f"did you mean {near[0]}?" if near else f"there are {', '.join(PLACES)}"
            return f"{{{{{name}}}}} is nothing that can be filled in; {meant} or attributes.…"
    return ""
