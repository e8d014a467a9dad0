"""Answers by e-mail: `[email]` and the variables that go with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Annotated, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from pydantic import AfterValidator, Field, SecretStr

from bridge.settings_types import Section

PORTS = {"smtp": 587, "smtps": 465}
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
"""An address of ours: plain ASCII, and without a plus, which is for what we put behind it."""
LONGEST_LOCAL = 18
"""Characters before the @ of an address to which answers go: with a token there are 64."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in. `tls` from the first byte (smtps), or `starttls` after a greeting in
    the clear; neither only where the URL says `tls=off`."""

    host: str
    port: int
    tls: bool
    starttls: bool
    user: str = ""
    password: str = ""


def mail_server(url: str) -> MailServer:
    """`smtp://user:password@host:port`, `smtps://…`, `smtp://host:25?tls=off`. Raises
    ValueError."""
    try:
        parts = urlsplit(url.strip())
        usable = parts.scheme in PORTS and bool(parts.hostname) and parts.port != 0
        port = parts.port or PORTS[parts.scheme] if usable else 0
    except ValueError:
        usable, port = False, 0
    asked = parse_qsl(parts.query, keep_blank_values=True) if usable else []
    if not usable or parts.path.strip("/") or parts.fragment or asked not in ([], [("tls", "off")]):
        raise ValueError("must be smtp://user:password@host:port or smtps://…, and nothing after")
    tls, open_ = parts.scheme == "smtps", bool(asked)
    if tls and open_:
        raise ValueError("cannot be smtps and tls=off at once")
    login = unquote(parts.username or ""), unquote(parts.password or "")
    return MailServer(str(parts.hostname), port, tls, not tls and not open_, *login)


def _smtp_url(value: SecretStr) -> SecretStr:
    mail_server(value.get_secret_value())
    return value


def _address(value: str) -> str:
    if value and not ADDRESS.fullmatch(value):
        raise ValueError("must be an address without a plus, such as reply@shop.example")
    return value


def _sender(value: str) -> str:
    """`help@shop.example` or `The Shop <help@shop.example>`."""
    if value and (not value.isprintable() or not ADDRESS.fullmatch(parseaddr(value)[1])):
        raise ValueError("must be an address, or The Shop <help@shop.example>")
    return value


SmtpUrl = Annotated[SecretStr, AfterValidator(_smtp_url)]


class EmailSettings(Section):
    """What a webchat's user who has left gets by e-mail. Off without `SMTP_URL`."""

    from_: Annotated[str, AfterValidator(_sender)] = Field("", alias="from")
    reply_to: Annotated[str, AfterValidator(_address)] = ""
    """Where answers go; empty: to the address of `from`."""
    plus: bool = True
    """Whether answers go to an address with a token of its own, `reply+TOKEN@…`."""
    after: Annotated[float, Field(ge=1)] = 120.0
    """Seconds after a user has left for which they may yet come back and read."""

    @property
    def address(self) -> str:
        return parseaddr(self.from_)[1]

    @property
    def answers_to(self) -> str:
        return self.reply_to or self.address


def email_conflicts(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Faults between settings that are each fine."""
    section = values.get("email")
    section = section if isinstance(section, dict) else {}
    if values.get("smtp_url") and not section.get("from"):
        yield "email.from", "is needed with SMTP_URL"
    if values.get("email_inbound_secret") and not values.get("smtp_url"):
        yield "SMTP_URL", "is needed with EMAIL_INBOUND_SECRET"
    to = str(section.get("reply_to") or parseaddr(str(section.get("from", "")))[1])
    tokens = values.get("email_inbound_secret") and section.get("plus", True) is True
    if tokens and len(to.partition("@")[0]) > LONGEST_LOCAL:
        fault = f"must have at most {LONGEST_LOCAL} characters before the @, or set plus = false"
        yield "email.reply_to", fault
