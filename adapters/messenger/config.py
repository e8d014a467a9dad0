"""What the Messenger channel needs of the settings, and no more."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bridge.model import SECOND, Micros

CHANNEL = "messenger"
ANY_PAGE = ""
"""A token that names no page is for whichever page it belongs to."""
_NAMED = re.compile(r"(\d+)=(.+)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessengerConfig:
    """`tokens` by page, of each the first is used until Meta refuses it; `app_secrets` all verify
    and the first proves. `timeout`, `echo_patience` and `keep_every` in seconds."""

    tokens: Mapping[str, tuple[str, ...]]
    app_secrets: tuple[str, ...]
    verify_tokens: tuple[str, ...]
    api_url: str
    timeout: float = 10.0
    human_agent: bool = False
    window: Micros = 86_400 * SECOND
    agent_window: Micros = 7 * 86_400 * SECOND
    warning: Micros = 7_200 * SECOND
    personas: bool = True
    echo_patience: float = 60.0
    keep_every: float = 900.0
    bots: tuple[tuple[str, ...], ...] = field(default=())
    """Of each bot the channels that it names."""

    def tokens_of(self, page: str) -> tuple[str, ...]:
        """Empty: the page is none of ours."""
        return self.tokens.get(page) or self.tokens.get(ANY_PAGE, ())

    @property
    def has_bot(self) -> bool:
        return any(not channels or CHANNEL in channels for channels in self.bots)


def from_settings(settings: Any) -> MessengerConfig | None:
    """None when there is no page: a token or an app secret is not set."""
    tokens = page_tokens(plain(settings.messenger_page_token))
    secrets = listed(plain(settings.messenger_app_secret))
    if not (tokens and secrets):
        return None
    section = settings.messenger
    return MessengerConfig(
        tokens=tokens,
        app_secrets=secrets,
        verify_tokens=listed(plain(settings.messenger_verify_token)),
        api_url=settings.messenger_api_url,
        timeout=settings.delivery_timeout,
        human_agent=section.human_agent,
        window=int(section.window * SECOND),
        agent_window=int(section.agent_window * SECOND),
        warning=int(section.warn_before * SECOND),
        personas=section.personas,
        echo_patience=section.echo_patience,
        keep_every=section.resubscribe_every,
        bots=tuple(bot.channels for bot in settings.bots),
    )


def page_tokens(text: str) -> dict[str, tuple[str, ...]]:
    """`4711=EAAB…,4712=EAAC…`, or tokens alone, by page.

    >>> page_tokens("1=a, 2=b,1=c")
    {'1': ('a', 'c'), '2': ('b',)}
    """
    found: dict[str, tuple[str, ...]] = {}
    for part in listed(text):
        named = _NAMED.fullmatch(part)
        page, token = (named[1], named[2]) if named else (ANY_PAGE, part)
        found[page] = (*found.get(page, ()), token)
    return found


def listed(text: str) -> tuple[str, ...]:
    return tuple(filter(None, map(str.strip, text.split(","))))


def plain(value: Any) -> str:
    """A setting's text, be it a secret (which shows itself only when asked) or not."""
    reveal = getattr(value, "get_secret_value", None)
    return str(reveal() if reveal else value or "").strip()
