"""A letter as an e-mail: what was said, in plain words and as simple HTML, a way back, and the
headers by which answers find us and machines leave us alone. Pure.

The link is the page where the user was last, if it is one of the sites that may carry the widget:
what visitors call their page is anybody's claim. Nothing behind its path goes with it, which may
be private.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr
from hashlib import sha256
from html import escape
from urllib.parse import urlsplit, urlunsplit

from markdown_it import MarkdownIt

from adapters.email.config import EmailConfig
from adapters.email.texts import LINE, say
from adapters.email.tokens import Tokens
from bridge.errors import Refused
from bridge.letters import Letter
from bridge.model import SECOND, Conversation, Message, Micros
from bridge.settings_types import origin
from bridge.texts import SOMEONE, by_language

_ASCII = SMTP.clone(cte_type="7bit")
"""For servers that do not take eight bits."""
_DELIVERABLE = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_BOX = (
    '<div style="margin:0 0 12px;padding:10px 14px;border-radius:10px;'
    'background:#f2f4f8;color:#1b1f24">'
)
_PARAGRAPH = 'dir="auto" style="margin:6px 0 0"'
# read on a light page and on the dark one that some mail programs make of it
_LINE = 'style="margin:0 0 12px;color:#757575;font-size:13px"'
_QUIET = 'style="margin:16px 0 0;color:#757575;font-size:13px"'
_BUTTON = (
    'style="display:inline-block;padding:9px 16px;border-radius:8px;background:#2b59d9;'
    'color:#ffffff;text-decoration:none"'
)
_BODY = (
    '<body style="margin:0;padding:16px;max-width:600px;color:#1b1f24;'
    'font:15px/1.5 -apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif">'
)


class Writer:
    def __init__(self, config: EmailConfig, tokens: Tokens) -> None:
        self._config = config
        self._tokens = tokens
        self._words = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable("image")

    def write(self, letter: Letter, now: Micros) -> bytes:
        """The whole e-mail. Raises Refused where nothing can be sent to that address."""
        config = self._config
        locale = letter.conversation.locale or letter.to.locale or "en"
        mail = self._headed(say("subject", locale, _one_line(config.name)), now)
        back = page_of(letter.conversation, config.origins)
        mail.set_content(self._plain(letter, locale, back))
        mail.add_alternative(self._html(letter, locale, back), subtype="html")
        return self._named(letter).encode("ascii") + bytes(mail)

    def notice(self, to: str, subject: str, text: str, key: str, now: Micros) -> bytes:
        """To somebody of the team; the same key is the same e-mail. Raises Refused."""
        mail = self._headed(_one_line(subject), now)
        mail.set_content(text)
        named = sha256(key.encode()).hexdigest()[:32]
        head = f"To: {deliverable(to)}\r\nMessage-ID: <{named}@{self._config.domain}>\r\n"
        return head.encode("ascii") + bytes(mail)

    def _headed(self, subject: str, now: Micros) -> EmailMessage:
        config = self._config
        mail = EmailMessage(policy=_ASCII)
        mail["From"] = formataddr((_one_line(config.name), config.address))
        mail["Subject"] = subject
        mail["Date"] = datetime.fromtimestamp(now // SECOND, UTC)
        mail["Auto-Submitted"] = "auto-generated"
        mail["Precedence"] = "bulk"
        mail["X-Auto-Response-Suppress"] = "All"
        return mail

    def _named(self, letter: Letter) -> str:
        """The headers with addresses and Message-IDs, each on a line: the library writes long ones
        as nobody reads them."""
        token, domain = self._tokens.of(letter.conversation.id), self._config.domain
        named = {
            "To": deliverable(letter.to.email),
            "Reply-To": self.answers_to(token) if self._config.secret else "",
            "Message-ID": f"<{token}.{letter.upto}@{domain}>",
            "In-Reply-To": f"<{token}.0@{domain}>",  # all of a conversation's stand together
            "References": f"<{token}.0@{domain}>",
        }
        return "".join(f"{name}: {value}\r\n" for name, value in named.items() if value)

    def answers_to(self, token: str) -> str:
        local, _, domain = self._config.answers_to.rpartition("@")
        return f"{local}+{token}@{domain}" if self._config.plus else self._config.answers_to

    def envelope_from(self, letter: Letter) -> str:
        """Where it comes back to that cannot be delivered: to the door, if there is one."""
        config = self._config
        if not config.secret:
            return config.address
        return self.answers_to(self._tokens.of(letter.conversation.id))

    def _head(self, locale: str) -> str:
        return LINE.format(text=say("line", locale)) if self._config.secret else ""

    def _foot(self, letter: Letter, locale: str) -> list[str]:
        """Sentences below what was said."""
        files = any(message.attachments for message in letter.messages)
        return [
            *([say("files", locale)] if files else []),
            *([say("answer", locale)] if self._config.secret else []),
            say("why", locale, _one_line(self._config.name)),
        ]

    def _plain(self, letter: Letter, locale: str, back: str) -> str:
        said = [f"{_who(each, locale)}:\n{_told(each)}" for each in letter.messages]
        link = f"{say('back', locale)}: {back}" if back else ""
        foot = "\n".join(self._foot(letter, locale))
        return "\n\n".join(filter(None, [self._head(locale), *said, link, foot])) + "\n"

    def _html(self, letter: Letter, locale: str, back: str) -> str:
        head = f"<p {_LINE}>{escape(self._head(locale))}</p>" if self._config.secret else ""
        said = "".join(self._box(each, locale) for each in letter.messages)
        words = escape(say("back", locale))
        link = f'<p><a href="{escape(back)}" {_BUTTON}>{words}</a></p>' if back else ""
        foot = "<br>".join(map(escape, self._foot(letter, locale)))
        whole = f"{head}{said}{link}<p {_QUIET}>{foot}</p>"
        return f'<!doctype html><html lang="{escape(locale)}">{_BODY}{whole}</body></html>\n'

    def _box(self, message: Message, locale: str) -> str:
        words = self._words.render(message.text).replace("<p>", f"<p {_PARAGRAPH}>")
        files = "".join(f"<p {_PARAGRAPH}>{escape(line)}</p>" for line in _files(message))
        return f"{_BOX}<b>{escape(_who(message, locale))}</b>{words}{files}</div>"


def deliverable(address: str) -> str:
    """As mail servers take it. Raises Refused."""
    local, _, domain = address.strip().rpartition("@")
    try:
        plain = f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        plain = ""
    if not _DELIVERABLE.fullmatch(plain):
        raise Refused("bad_address")
    return plain


def page_of(conversation: Conversation, origins: frozenset[str]) -> str:
    """Where the user was last; empty: nowhere that may be linked to."""
    try:
        page = urlsplit(conversation.page_url)
        allowed = origin(f"{page.scheme}://{page.netloc}") in origins
    except ValueError:
        return ""
    return urlunsplit((page.scheme, page.netloc, page.path, "", "")) if allowed else ""


def _who(message: Message, locale: str) -> str:
    return _one_line(message.author.name) or by_language(SOMEONE, locale)


def _told(message: Message) -> str:
    return "\n".join(filter(None, [message.text.strip(), *_files(message)]))


def _files(message: Message) -> list[str]:
    return [f"📎 {_one_line(file.name)}" for file in message.attachments if not file.is_gone]


def _one_line(text: str) -> str:
    """A header, or a name above words, has one."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
