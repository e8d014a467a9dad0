"""What there is to read about one user, and about the desk: profile, whole conversation.
Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from adapters.slack import joining
from adapters.slack.blocks import (
    Block,
    Body,
    actions,
    anchor,
    button,
    chunks,
    cut,
    escape,
    moment,
    row,
    section,
    stacked,
    units,
    words,
)
from adapters.slack.card import utc
from adapters.slack.facts import MAX_VALUE, facts, text_of
from adapters.slack.menus import press
from adapters.slack.names import customer_name, number_of, safe_name, speaker
from adapters.slack.targets import Target
from adapters.slack.verbs import VERBS
from bridge.beyond import Way, links
from bridge.blocking import BLOCKED
from bridge.hours import zone
from bridge.model import SECOND, Contact, Conversation, Message, Micros, Standing, Visibility
from bridge.settings_sections import Attribute
from bridge.settling import SUGGESTION

PAGE = 20
ROOM = 9_000
"""Units of all words on a page of history, as in a preview."""
LONGEST = 1_500
OLDER, NEWER, PAST = "history_older", "history_newer", "history_past"
DELETE = "delete_for_good"


@dataclass(frozen=True, slots=True)
class Now:
    """When a profile is shown, and whether its user is in the chat then."""

    at: Micros = 0
    here: bool = False


def profile(
    target: Target,
    ways: tuple[Way, ...] = (),
    wished: Sequence[Attribute] = (),
    now: Now = Now(),
    others: Sequence[Contact] = (),
) -> Body:
    """All that is known, a line each, and the ways into other systems; of attributes those that
    are wished for, if any are. `others`: who is one person with them."""
    contact, talk = target.contact, target.conversation
    known: list[tuple[str, object]] = [
        ("E-mail", contact.email),
        ("Channel", talk.channel),
        ("Language", talk.locale or contact.locale),
        ("Page", talk.page_title),
        ("Address", talk.page_url),
        ("Device", talk.device),
        ("Local time", _local_time(talk.time_zone, now.at)),
        ("Online", _presence(talk, here=now.here)),
        *(() if wished else _named(contact.attributes)),
    ]
    if others:
        named = [f"{customer_name(each)} ({each.channel})" for each in others]
        known.append(("Same person as", ", ".join(named)))
    if contact.blocked_at:
        known.append(("Blocked by", " · ".join(filter(None, _blocking(contact)))))
    if target.view:
        earlier = str(target.view.earlier or "")
        known += [("Handoff", number_of(target.view.handoff)), ("Handoffs before", earlier)]
    told = [(name, words(cut(text, MAX_VALUE))) for name, of in known if (text := text_of(of))]
    told += [(fact.label, fact.elements) for fact in facts(contact.attributes, wished)]
    parts = [section(words(customer_name(contact), bold=True))]
    parts += [section([*words(f"{name}: ", bold=True), *value]) for name, value in told]
    blocks = [stacked(parts)]
    if found := links(ways, contact, talk, target.view.handoff if target.view else None):
        between = [each for url in found for each in (words(" · "), [anchor(url[1], url[0])])]
        blocks.append(row([element for part in between[1:] for element in part]))
    blocks.append(actions([joining.press(target)]))
    return Body(escape(f"Profile of {customer_name(contact)}"), blocks)


def _local_time(name: str, at: Micros) -> str:
    """`Sat 14:05 (Europe/Berlin)`; empty where nobody knows."""
    place = zone(name) if name and at else None
    if place is None:
        return ""
    return f"{datetime.fromtimestamp(at / SECOND, place):%a %H:%M} ({name})"


def _presence(talk: Conversation, *, here: bool) -> str:
    """Of other channels than those with a page nobody knows."""
    if here:
        return "yes"
    return "no, has left" if talk.page_url or talk.device else ""


def _blocking(contact: Contact) -> tuple[str, str, str]:
    return safe_name(contact.blocked_by), utc(contact.blocked_at, day=True), contact.blocked_for


def _named(attributes: Mapping[str, object], group: str = "") -> Iterator[tuple[str, object]]:
    """What is in groups by its path, with dots."""
    for name, value in attributes.items():
        if isinstance(value, dict):
            yield from _named(value, f"{group}{name}.")
        else:
            yield f"{group}{name}", value


def history(target: Target, messages: Sequence[Message], *, older: bool) -> Body:
    """A page of what was said, markers and notes included, with the way to what came before and
    after, and to the handoffs of this person."""
    title = f"{target.called}: the conversation"
    if not messages:
        return Body(escape(title), [row(words(f"{title} has no words."))])
    share = max(ROOM // len(messages), 100)
    parts = [section(words(title, bold=True))]
    parts += [section(_said(message, target, min(share, LONGEST))) for message in messages]
    buttons: list[Block] = []
    if older:
        buttons.append(button(OLDER, "Older", _from(target, messages[0].seq)))
    if target.conversation.seq > (last := messages[-1].seq):  # places are dense, so none is missed
        buttons.append(button(NEWER, "Newer", _from(target, last + PAGE + 1)))
    buttons.append(button(PAST, "Handoffs…", target.conversation.id, "All their handoffs"))
    buttons.append(press(VERBS["say"], target))
    return Body(escape(title), [stacked(parts), actions(buttons)])


def _from(target: Target, before: int) -> str:
    return orjson.dumps({"about": target.about, "before": before}).decode()


def read_older(value: str) -> tuple[str, int] | None:
    """(about, before) of the buttons *Older* and *Newer*."""
    try:
        parts: Any = orjson.loads(value)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(parts, dict) or not isinstance(parts.get("before"), int):
        return None
    return str(parts.get("about", "")), parts["before"]


def _said(message: Message, target: Target, room: int) -> list[Block]:
    """`🔒 Ana 21 Nov 14:02  He is angry`"""
    mark = "🔒 " if message.visibility is Visibility.INTERNAL else ""
    if message.held_for.startswith(SUGGESTION):
        mark = "💡 "
    elif message.standing is Standing.HELD:
        mark = "🚫 " if message.held_for == BLOCKED else "✋ "
    elif message.standing is Standing.FAILED:
        mark = "⚠️ "
    at = message.sent_at
    head = [
        *words(f"{mark}{speaker(message.author, target.contact)}", bold=True),
        *words(" "),
        moment(at // SECOND, "{date_short_pretty} {time}", utc(at, day=True)),
        *words("  "),
    ]
    if message.deleted:
        return [*head, *words("(removed)", italic=True)]
    if units(message.text) <= room:
        return [*head, *words(message.text)]
    text = next(iter(chunks(message.text, room)))
    more = f" … ({len(message.text) - len(text):,} more characters)"
    return [*head, *words(text), *words(more, italic=True)]


def delete(target: Target) -> Body:
    """The question before it is done."""
    text = (
        f"Delete all that was said with {target.called}, and what is known of them? "
        f"An open handoff ends with it. {_kept(target.contact)}"
        "What stands in Slack stays there. It cannot be undone."
    )
    sure = {
        "title": {"type": "plain_text", "text": "Delete for good?"},
        "text": {"type": "plain_text", "text": "It cannot be undone."},
        "confirm": {"type": "plain_text", "text": "Delete"},
        "deny": {"type": "plain_text", "text": "Cancel"},
        "style": "danger",
    }
    gone = button(DELETE, "Delete for good", target.about, f"Delete {target.called}", "danger")
    return Body(escape(text), [row(words(text)), actions([{**gone, "confirm": sure}])])


def _kept(contact: Contact) -> str:
    """Nobody knows any more from which of them it came what is known of several as one person."""
    if not contact.person_id:
        return ""
    return "Their other conversations, and what is known of them there, stay. "
