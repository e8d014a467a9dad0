"""Which addresses our own requests may go to: the open internet, and what the settings allow.

Whoever may register a webhook could otherwise make us ask what only this machine can reach: itself,
its neighbours, a cloud's metadata. So what counts is the address that is connected to, not how it
was spelled: names, decimal and octal numbers and short forms are left to the resolver, and an IPv4
address inside an IPv6 one is unwrapped here. Whatever is not known to be public is private.

Ranges: the special-purpose registries of IANA (RFC 6890 and what came after).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from urllib.parse import SplitResult, urlsplit

Network = IPv4Network | IPv6Network
LONGEST = 2_000

_PRIVATE_4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
    )
)
_UNICAST_6 = IPv6Network("2000::/3")
_PRIVATE_6 = tuple(
    IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "2620:4f:8000::/48", "3fff::/20")
)
_AROUND_4 = (IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96"))
"""IPv4-mapped, and NAT64's well-known prefix: the last 32 bits are where it goes."""
_6TO4 = IPv6Network("2002::/16")


def is_public(address: str) -> bool:
    """`address` as a resolver gives it, perhaps with a zone (`fe80::1%eth0`)."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return _is_public_4(found) if isinstance(found, IPv4Address) else _is_public_6(found)


def _is_public_4(address: IPv4Address) -> bool:
    return not any(address in network for network in _PRIVATE_4)


def _is_public_6(address: IPv6Address) -> bool:
    inner = _inside(address)
    if inner is not None:
        return _is_public_4(inner)
    return address in _UNICAST_6 and not any(address in network for network in _PRIVATE_6)


def _inside(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that it stands for."""
    if address in _6TO4:
        return IPv4Address((int(address) >> 80) & 0xFFFFFFFF)
    if any(address in network for network in _AROUND_4):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def may_reach(address: str, allowed: Sequence[Network]) -> bool:
    """`allowed`: private networks that the settings name."""
    return is_public(address) or any(
        each in network for each in _meant(address) for network in allowed
    )


def _meant(address: str) -> Iterator[IPv4Address | IPv6Address]:
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return
    yield found
    if isinstance(found, IPv6Address) and (inner := _inside(found)) is not None:
        yield inner


def networks(texts: Sequence[str]) -> tuple[Network, ...]:
    return tuple(ip_network(text) for text in texts)


def fault_in(url: str) -> str:
    """What is wrong with the address of a webhook as it is written; empty: nothing."""
    if len(url) > LONGEST or any(c <= " " or c in '\\"<>^`{|}\x7f' for c in url):
        return f"must be a URL of at most {LONGEST} characters, without spaces and the like"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "must be a URL"
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        return "must be a URL that starts with https:// or http://"
    return _extras(parts)


def _extras(parts: SplitResult) -> str:
    if "@" in parts.netloc:
        return "must not hold a user's name or password"
    return "must not have a fragment (#)" if parts.fragment else ""
