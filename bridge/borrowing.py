"""Files that are on the web already, whose address a bot told: read by stream, and from no address
that may not be reached (`posting.Guarded`), wherever a redirect leads.

One look and no second one: what is not there, is a page, or takes too long stays the link that it
was.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from urllib.parse import urljoin

import httpcore
import httpx

from bridge.errors import Refused
from bridge.filing import MAX_FILE, url_of
from bridge.model import Attachment
from bridge.posting import FAILURES, Poster, core_url
from bridge.reachable import fault_in

PATIENCE = 60.0
"""Seconds for the whole file: what the bot says later waits for it."""
HOPS = 3
"""Redirects that are followed."""
ASKING = (("user-agent", "Deskbridge"), ("accept-encoding", "identity"))
PAGES = frozenset({"text/html", "application/xhtml+xml"})
NOT_READ, IS_A_PAGE, TOO_LARGE = "file_not_read", "file_is_a_page", "file_too_large"


@dataclass(frozen=True, slots=True)
class Borrower:
    """Implements `bridge.ports.Lends`. `timeout` in seconds, for all that comes before the first
    bytes, redirects too, and then for each wait for more."""

    poster: Poster
    timeout: float

    async def lend(self, file: Attachment) -> AsyncIterator[bytes]:
        """Raises Refused, and nothing else for what the other side does."""
        loop = asyncio.get_running_loop()
        until = loop.time() + PATIENCE
        try:
            async with aclosing(self._read(url_of(file))) as chunks:
                while True:
                    # A client's own time-out is for each read: headers that drip would have no end.
                    async with asyncio.timeout_at(min(until, loop.time() + self.timeout)):
                        chunk = await anext(chunks, None)
                    if chunk is None:
                        return
                    yield chunk
        except FAILURES as error:
            raise Refused(NOT_READ) from error

    async def _read(self, url: str) -> AsyncGenerator[bytes]:
        patience = dict.fromkeys(("connect", "read", "write", "pool"), self.timeout)
        for _ in range(HOPS + 1):
            if fault_in(url):
                raise Refused(NOT_READ)
            async with self.poster.pool().stream(
                "GET", core_url(url), headers=list(ASKING), extensions={"timeout": patience}
            ) as response:
                told = httpx.Headers(response.headers)
                if not httpx.codes.is_redirect(response.status):
                    _check(response, told)
                    async for chunk in response.aiter_stream():
                        yield chunk
                    return
                url = _moved(url, told)
        raise Refused(NOT_READ)


def _moved(url: str, told: httpx.Headers) -> str:
    try:
        return urljoin(url, str(told.get("location", "")))
    except ValueError as error:
        raise Refused(NOT_READ) from error


def _check(response: httpcore.Response, told: httpx.Headers) -> None:
    packed = told.get("content-encoding", "identity").strip().lower() != "identity"
    if response.status != httpx.codes.OK or packed:  # though it was asked for as it is
        raise Refused(NOT_READ)
    if told.get("content-type", "").partition(";")[0].strip().lower() in PAGES:
        raise Refused(IS_A_PAGE)
    size = told.get("content-length", "")
    if size.isascii() and size.isdigit() and int(size[:20]) > MAX_FILE:
        raise Refused(TOO_LARGE)
