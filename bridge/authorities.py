"""Whom TLS trusts, read once for all clients of a process: each would else read a hundred
certificates, for 50 ms and a megabyte."""

from __future__ import annotations

import ssl
from functools import cache

import httpx


@cache
def authorities() -> ssl.SSLContext:
    """Those of certifi, whatever the environment says. Whoever is given it changes nothing of
    it."""
    return httpx.create_ssl_context(trust_env=False)
