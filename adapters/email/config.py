"""What the settings say of e-mail."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parseaddr

from bridge.settings import Settings
from bridge.settings_email import MailServer, mail_server


@dataclass(frozen=True, slots=True)
class EmailConfig:
    """`keys`: the first signs, all verify. `secret` of the door, empty: answers do not come in.
    `origins`: sites whose pages a letter may link to."""

    server: MailServer
    name: str
    address: str
    answers_to: str
    plus: bool
    secret: str
    keys: tuple[bytes, ...]
    origins: frozenset[str]
    timeout: float

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


def from_settings(settings: Settings) -> EmailConfig | None:
    """None: it is off."""
    given, secret = settings.email, settings.email_inbound_secret
    if settings.smtp_url is None or not given.from_:
        return None
    return EmailConfig(
        server=mail_server(settings.smtp_url.get_secret_value()),
        name=parseaddr(given.from_)[0] or settings.webchat.title,
        address=given.address,
        answers_to=given.answers_to,
        plus=given.plus,
        secret=secret.get_secret_value() if secret else "",
        keys=tuple(settings.secret_keys),
        origins=frozenset(settings.webchat_origins),
        timeout=settings.delivery_timeout,
    )
