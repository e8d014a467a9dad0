"""Which addresses may be asked: what is not known to be public is private."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.reachable import fault_in, is_public, may_reach, networks

PRIVATE = (
    "0.0.0.0",  # noqa: S104 - asked, not bound
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "203.0.113.9",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:7f00:1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:c0a8:101::",
    "3fff::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "not an address",
    "",
)
PUBLIC = (
    "1.1.1.1",
    "93.184.216.34",
    "172.32.0.1",
    "100.128.0.1",
    "2606:4700:4700::1111",
    "::ffff:93.184.216.34",
    "64:ff9b::101:101",
    "2002:101:101::1",
)


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_private_is_not_reached(address: str) -> None:
    assert not may_reach(address, ())


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_public_is(address: str) -> None:
    assert may_reach(address, ())


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_alike_in_every_dress(address: IPv4Address) -> None:
    public = is_public(str(address))
    if not address.is_global:
        assert not public
    for prefix in (0xFFFF << 32, 0x64FF9B << 96):
        assert is_public(str(IPv6Address(prefix | int(address)))) is public
    assert is_public(str(IPv6Address(0x2002 << 112 | int(address) << 80))) is public


@given(st.ip_addresses(v=6))
def test_nothing_but_global_unicast_is_public(address: IPv6Address) -> None:
    mapped = address.ipv4_mapped or address.sixtofour
    if is_public(str(address)) and mapped is None and not str(address).startswith("64:ff9b::"):
        assert address.is_global


def test_what_the_settings_allow_is_reached_in_every_dress() -> None:
    allowed = networks(["10.0.0.0/8", "fd00::/8"])
    assert may_reach("10.9.8.7", allowed)
    assert may_reach("::ffff:10.9.8.7", allowed)
    assert may_reach("fd00::1", allowed)
    assert not may_reach("127.0.0.1", allowed)
    assert not may_reach("nonsense", allowed)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://tool.example/",
        "//tool.example/",
        "tool.example",
        "http://",
        "http://:80/",
        "http://tool.example:0/",
        "http://tool.example:99999/",
        "http://[::1/",
        "http://user@tool.example/",
        "http://93.184.216.34@127.0.0.1/",
        "http://tool.example\\@127.0.0.1/",
        "http://tool.example/ path",
        "http://tool.example/\n",
        "http://tool.example/#frag",
        "http://tool.example/" + "x" * 2_000,
    ],
)
def test_an_address_that_could_be_read_in_two_ways_is_refused(url: str) -> None:
    assert fault_in(url)


@pytest.mark.parametrize("url", ["https://tool.example/hook?a=b", "http://tool.example:8080"])
def test_an_ordinary_address_is_fine(url: str) -> None:
    assert fault_in(url) == ""
