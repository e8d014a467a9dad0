"""A conversation to take home: one page for a browser or a printer, which needs nothing else. Pure.

What agents and bots say is CommonMark and becomes markup here; HTML in it, and what anybody else
writes, is escaped. Nothing in the page is loaded from anywhere, and nothing in it runs. Times are
those of the visitor's zone, written as ISO 8601 does, which every language reads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from html import escape
from itertools import groupby
from typing import Final

from markdown_it import MarkdownIt

from adapters.webchat.spoken import LANGUAGES, WORDS, word
from bridge import hours
from bridge.errors import BadRequest
from bridge.model import SECOND, Message, Micros, Role
from bridge.texts import SOMEONE, by_language

_PARSER: Final = (
    MarkdownIt("commonmark", {"html": False, "breaks": True})
    .enable("strikethrough")
    .disable("image")  # it would be fetched when the page is opened
)
_WORDS: Mapping[str, Mapping[str, str]] = {
    "user": {"en": "You", "fr": "Vous", "de": "Sie", "es": "Usted"},
    "bot": dict(zip(LANGUAGES, WORDS["assistant"], strict=True)),
    "agent": SOMEONE,
    "title": {
        "en": "Our conversation",
        "fr": "Notre conversation",
        "de": "Unser Gespräch",
        "es": "Nuestra conversación",
    },
    "zone": {
        "en": "Time zone:",
        "fr": "Fuseau horaire\u00a0:",
        "de": "Zeitzone:",
        "es": "Zona horaria:",
    },
}
_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 44rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.4rem } h2 { margin: 2rem 0 .5rem; font-size: 1rem }
h2, header p, time, .system { color: GrayText }
article { margin: .8rem 0; padding-inline-start: .8rem; overflow-wrap: anywhere }
article { border-inline-start: 3px solid #8886 }
.user { border-color: #2b59d9 } .system { border: 0; font-size: .9rem }
article p { margin: .2rem 0 } .typed { white-space: pre-wrap } pre { white-space: pre-wrap }
"""


def zone(name: str) -> tzinfo:
    """Raises BadRequest."""
    if found := hours.zone(name):
        return found
    fault = "must be a time zone such as Europe/Berlin"
    raise BadRequest("invalid", f"zone {fault}.", {"zone": fault})


def page(messages: Sequence[Message], title: str, locale: str, at: tzinfo) -> bytes:
    """`messages`: those that the visitor may see, by their place."""
    about = title or by_language(_WORDS["title"], locale)
    days = groupby(ordered(messages), lambda each: _time(each.sent_at, at).date())
    said = "".join(
        f"<h2>{day.isoformat()}</h2>\n{''.join(_message(each, locale, at) for each in those)}"
        for day, those in days
    )
    text = (
        f'<!doctype html>\n<html lang="{escape(locale)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">"
        f"<title>{escape(about)}</title><style>{_STYLE}</style></head>\n"
        f"<body><header><h1>{escape(about)}</h1>"
        f"<p>{by_language(_WORDS['zone'], locale)} {escape(str(at))}</p></header>\n"
        f"{said}</body></html>\n"
    )
    return text.encode(errors="replace")


def ordered(messages: Sequence[Message]) -> list[Message]:
    """As people see them: one that came late stands right before the one that it names."""
    found = [each for each in messages if not each.before]
    for late in (each for each in messages if each.before):
        ids = [each.id for each in found]
        place = ids.index(late.before) if late.before in ids else len(found)
        found.insert(place, late)
    return found


def name(now: Micros, at: tzinfo) -> str:
    """The file's: `chat-2026-11-21.html`."""
    return f"chat-{_time(now, at).date().isoformat()}.html"


def _message(message: Message, locale: str, at: tzinfo) -> str:
    role, when = message.author.role, _time(message.sent_at, at)
    stamp = f'<time datetime="{when.isoformat(timespec="seconds")}">{when:%H:%M}</time>'
    if role is Role.SYSTEM:
        return f'<article class="system">{_typed(message.text)} {stamp}</article>\n'
    who = escape(message.author.name or by_language(_WORDS[role], locale))
    edited = f" · {word('edited', locale)}" if message.edited_at else ""
    text = _typed(message.text) if role is Role.USER else _PARSER.render(message.text)
    files = "".join(
        f"<p>📎 {escape(file.name)}</p>" for file in message.attachments if not file.is_gone
    )
    said = f'<b><bdi>{who}</bdi></b> {stamp}{edited}\n<div dir="auto">{text}{files}</div>'
    return f'<article class="{role}">{said}</article>\n'


def _typed(text: str) -> str:
    return f'<p class="typed">{escape(text)}</p>' if text else ""


def _time(moment: Micros, at: tzinfo) -> datetime:
    return datetime.fromtimestamp(moment / SECOND, at)
