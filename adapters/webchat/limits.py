"""How much one visitor may do, and where their requests come from.

A new conversation counts against its address, a message against its session. A first message of a
conversation that this process has not seen costs one read; all others cost none.
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict

from starlette.requests import HTTPConnection

from bridge.errors import TooMany
from bridge.model import ConversationId
from bridge.ports import Limiter
from bridge.settings import Settings
from bridge.stores import Reads

MINUTE, TEN_MINUTES, HOUR = 60.0, 600.0, 3600.0
IPV6_NETWORK = 64
"""Bits of an IPv6 address that are one customer's; the rest they choose themselves."""
SIGNALS, SIGNALS_AT_ONCE = 2.0, 60
"""Of typing, reading and leaving: how many a second in the long run, and how many at once."""
SELDOM = 10
"""Ratings and transcripts: how many a minute."""
KNOWN = 100_000
"""How many conversations a process remembers to exist."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Limits:
    def __init__(self, settings: Settings, limiter: Limiter, reads: Reads) -> None:
        self._limiter = limiter
        self._reads = reads
        self._messages = settings.webchat.messages_per_minute
        self._files = settings.webchat.files_per_ten_minutes
        self._conversations = settings.webchat.conversations_per_hour
        self._proxies = [ipaddress.ip_network(name) for name in settings.web.trusted_proxies]
        self._known: OrderedDict[ConversationId, None] = OrderedDict()

    async def message(self, conversation: ConversationId, connection: HTTPConnection) -> None:
        """One message more. Raises TooMany."""
        if self._messages:
            key = f"webchat:messages:{conversation}"
            await self._take(key, self._messages / MINUTE, self._messages)
        if self._conversations and conversation not in self._known:
            await self._meet(conversation, connection)

    async def file(self, conversation: ConversationId) -> None:
        """One file more. Raises TooMany."""
        if self._files:
            key = f"webchat:files:{conversation}"
            await self._take(key, self._files / TEN_MINUTES, self._files)

    async def signal(self, conversation: ConversationId) -> None:
        """One sign of life more: they are cheap, and without bounds no more. Raises TooMany."""
        if self._messages:
            await self._take(f"webchat:signals:{conversation}", SIGNALS, SIGNALS_AT_ONCE)

    async def seldom(self, what: str, conversation: ConversationId) -> None:
        """What is dear, or is told to the team, and nobody does often. Raises TooMany."""
        if self._messages:
            await self._take(f"webchat:{what}:{conversation}", SELDOM / MINUTE, SELDOM)

    async def _meet(self, conversation: ConversationId, connection: HTTPConnection) -> None:
        if await self._reads.conversation(conversation) is None:
            key = f"webchat:conversations:{self.address(connection)}"
            await self._take(key, self._conversations / HOUR, self._conversations)
        self._known[conversation] = None
        if len(self._known) > KNOWN:
            self._known.popitem(last=False)

    async def _take(self, key: str, rate: float, burst: int) -> None:
        wait = await self._limiter.take(key, rate, burst)
        if wait > 0:
            raise TooMany(wait)

    def address(self, connection: HTTPConnection) -> str:
        """The visitor's network. X-Forwarded-For counts only as far as trusted proxies wrote it:
        from the right, the first address that is none of theirs. Some proxies add a line of their
        own below the visitor's; all lines together are one list (RFC 9110, 5.3)."""
        peer = connection.client.host if connection.client else ""
        forwarded = ",".join(connection.headers.getlist("x-forwarded-for"))
        hops = [*forwarded.split(","), peer]
        address = _parsed(hops.pop())
        while address and hops and self._trusts(address):
            nearer = _parsed(hops.pop())
            if nearer is None:
                break
            address = nearer
        return _network(address) if address else peer

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self._proxies)


def _parsed(text: str) -> Address | None:
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _network(address: Address) -> str:
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(ipaddress.ip_network((address, IPV6_NETWORK), strict=False))


def has_bot(settings: Settings, channel: str) -> bool:
    return any(not bot.channels or channel in bot.channels for bot in settings.bots)
