"""Sends one signed POST to the endpoint of a tool, and to no address that it may not reach.

The name is resolved here, every address that it has is looked at, and the connection goes to the
very address that was looked at: a name that means another machine a moment later gains nothing.
Redirects are answers, and never followed; proxies of the environment are not used. A connection
that is kept open stays with the address that it was made to.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpcore
import httpx

from bridge.authorities import authorities
from bridge.reachable import Network, fault_in, may_reach

MAX_ANSWER = 64 * 1024
"""Bytes of an answer that are read, though nobody may look: then the connection is free again."""
TRIED = 3
"""Addresses of one name that are tried, in the resolver's order."""
PRIVATE = "private_address"
DEFAULT_PORTS = {b"http": 80, b"https": 443}
FAILURES = (
    httpcore.NetworkError,
    httpcore.TimeoutException,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
    httpx.InvalidURL,
    TimeoutError,
    OSError,
    UnicodeError,
)
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


class Forbidden(OSError):
    """The address is not one that we may ask."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a POST: its status, or why there is none, as a code; and its `Retry-After`."""

    status: int = 0
    error: str = ""
    retry_after: str = ""
    body: bytes = field(default=b"", compare=False)
    """Of the answer, so much as was read."""

    @property
    def is_taken(self) -> bool:
        return httpx.codes.is_success(self.status)

    @property
    def reason(self) -> str:
        return self.error or ("" if self.is_taken else f"http_{self.status}")


async def addresses(host: str, port: int) -> list[str]:
    """All that the name means. Raises OSError."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class Guarded(httpcore.AsyncNetworkBackend):
    """Connects to addresses that were looked at, and nowhere else."""

    def __init__(self, allowed: Sequence[Network], resolve: Resolve) -> None:
        self._allowed = allowed
        self._resolve = resolve
        self._inner = httpcore.AnyIOBackend()

    async def checked(self, host: str, port: int) -> Sequence[str]:
        """Raises Forbidden where any of its addresses is private: which one is taken is chance."""
        found = await self._resolve(host, port)
        if not found or not all(may_reach(each, self._allowed) for each in found):
            raise Forbidden(PRIVATE)
        return found

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        *first, last = (await self.checked(host, port))[:TRIED]
        for address in first:
            try:
                return await self._inner.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except httpcore.ConnectError:
                continue
        return await self._inner.connect_tcp(last, port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Posts(Protocol):
    """A `Poster`."""

    async def fault(self, url: str) -> str: ...
    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome: ...


class Poster:
    """One for each process. `allowed`: private networks that may be asked; `timeout` in seconds,
    for all of it."""

    def __init__(
        self, allowed: Sequence[Network], timeout: float, resolve: Resolve = addresses
    ) -> None:
        self._timeout = timeout
        self._guard = Guarded(allowed, resolve)
        self._pool: httpcore.AsyncConnectionPool | None = None

    async def start(self) -> None:
        """Connections are made when they are needed."""

    async def close(self) -> None:
        if self._pool is not None:
            pool, self._pool = self._pool, None
            await pool.aclose()

    async def fault(self, url: str) -> str:
        """Why nothing would be sent there; empty: it would. A name that nobody knows (yet) may."""
        if wrong := fault_in(url):
            return wrong
        try:
            target = httpx.URL(url)
            async with asyncio.timeout(self._timeout):
                await self._guard.checked(target.raw_host.decode(), target.port or 443)
        except Forbidden:
            return "leads to a private address; [webhooks] allow_private can allow it"
        except (httpx.InvalidURL, UnicodeError):
            return "must be a URL"
        except (OSError, TimeoutError):
            return ""
        return ""

    async def silence(self, url: str) -> str:
        """Why nobody can be reached there, as far as a connection shows; empty: somebody can."""
        target = core_url(url)
        try:
            async with asyncio.timeout(self._timeout):
                host, port = target.host.decode(), target.port or DEFAULT_PORTS[target.scheme]
                stream = await self._guard.connect_tcp(host, port, self._timeout)
                await stream.aclose()
        except FAILURES as error:
            return f"cannot be reached ({type(error).__name__})"
        return ""

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        """Raises nothing for what the other side does."""
        try:
            async with asyncio.timeout(self._timeout):
                return await self._post(url, headers, body)
        except Forbidden:
            return Outcome(error=PRIVATE)
        except FAILURES as error:
            return Outcome(error=f"failed_{type(error).__name__}")

    async def _post(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        if fault_in(url):
            raise Forbidden(PRIVATE)
        async with self.pool().stream(
            "POST", core_url(url), headers=list(headers.items()), content=body
        ) as response:
            body = await _read(response)
            told = httpx.Headers(response.headers).get("retry-after", "")
            return Outcome(response.status, retry_after=told, body=body)

    def pool(self) -> httpcore.AsyncConnectionPool:
        if self._pool is None:
            self._pool = httpcore.AsyncConnectionPool(
                ssl_context=authorities(),
                network_backend=self._guard,
                keepalive_expiry=30.0,
                max_connections=100,
            )
        return self._pool


def core_url(url: str) -> httpcore.URL:
    """Raises httpx.InvalidURL."""
    parsed = httpx.URL(url)
    return httpcore.URL(
        scheme=parsed.raw_scheme,
        host=parsed.raw_host,
        port=parsed.port,
        target=parsed.raw_path,
    )


async def _read(response: httpcore.Response) -> bytes:
    """So much of it, and no more."""
    read = bytearray()
    async for chunk in response.aiter_stream():
        read += chunk
        if len(read) > MAX_ANSWER:
            break
    return bytes(read[:MAX_ANSWER])
