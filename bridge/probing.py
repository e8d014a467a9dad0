"""Asks an address once, as `deskbridge check` does: what came back, or why nothing did.

The environment's proxies are not used, since the product does not use them; a redirect is an
answer. Nothing here raises for what the other side does.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

import httpx

SECONDS = 5.0
"""For which one question may take."""
MAX_BODY = 64 * 1024
HALF_A_SECOND = 0.5
"""A Date header is cut to whole seconds."""


@dataclass(frozen=True, slots=True)
class Answered:
    """`skew` is their clock minus ours in seconds, None when they told no time."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    skew: float | None = None


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """`reason` goes into a sentence after the address and a colon."""

    reason: str


async def ask(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    content: bytes | None = None,
    seconds: float = SECONDS,
) -> Answered | NoAnswer:
    before = time.time()
    try:
        async with (
            httpx.AsyncClient(timeout=seconds, trust_env=False, follow_redirects=False) as client,
            client.stream(method, url, headers=headers, content=content) as response,
        ):
            told = skew(response.headers.get("date", ""), (before + time.time()) / 2)
            body = await _beginning(response)
            return Answered(response.status_code, body, dict(response.headers), told)
    except httpx.TimeoutException:
        return NoAnswer(f"no answer within {seconds:g} s")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return NoAnswer(reason_of(error))


async def _beginning(response: httpx.Response) -> bytes:
    body = b""
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > MAX_BODY:
            break
    return body[:MAX_BODY]


def skew(date: str, ours: float) -> float | None:
    """A Date header's clock minus ours, in seconds."""
    try:
        return parsedate_to_datetime(date).timestamp() + HALF_A_SECOND - ours
    except ValueError:
        return None


def reason_of(error: BaseException) -> str:
    """The first cause that an operator can do something about."""
    for each in causes(error):
        if isinstance(each, ConnectionRefusedError):
            return "nothing listens there"
        if isinstance(each, socket.gaierror):
            return "the host's name is unknown"
        if isinstance(each, ssl.SSLCertVerificationError):
            return f"its certificate is not valid ({each.verify_message})"
        if isinstance(each, ssl.SSLError):
            return "it does not speak TLS"
    return f"the connection failed ({type(error).__name__})"


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what it came from, the members of groups included."""
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for each in error.exceptions:
                yield from causes(each)
        error = error.__cause__ or error.__context__
