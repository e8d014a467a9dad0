"""What stands before the demo's server: passes requests on, and lets them wait while it restarts.

An answer that breaks off because the server was killed ends here in order; whoever was reading a
stream comes again, as after any end. A request whose answer was lost is not repeated: whether it
was done is not known here, and asking again is its sender's part.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

OF_ONE_LEG = frozenset({"connection", "keep-alive", "transfer-encoding", "te", "upgrade"})
"""Headers that are about one connection, in lower case."""


class Proxy:
    """An ASGI application in front of the server at `base`."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._session: aiohttp.ClientSession | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = await self._pass_on(request)
        except ClientDisconnect:
            return
        except aiohttp.ClientError:  # killed with our request in its hands
            fault = {"code": "unavailable", "message": "The server is starting again."}
            response = JSONResponse({"error": fault}, 502)
        await response(scope, receive, send)

    async def _pass_on(self, request: Request) -> Response:
        path = request.scope["raw_path"].decode("ascii")
        query = f"?{request.url.query}" if request.url.query else ""
        answer = await self._open().request(
            request.method,
            f"{self._base}{path}{query}",
            headers=[pair for pair in request.headers.items() if pair[0] not in OF_ONE_LEG],
            data=await request.body(),
            allow_redirects=False,
        )
        response = StreamingResponse(_body(answer), answer.status)
        response.raw_headers = [
            pair for pair in answer.raw_headers if pair[0].decode().lower() not in OF_ONE_LEG
        ]
        return response

    def _open(self) -> aiohttp.ClientSession:
        """A connection each: one kept from before a kill would fail the first request after it."""
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=0, force_close=True)
            timeout = aiohttp.ClientTimeout(total=None)
            self._session = aiohttp.ClientSession(
                connector=connector, timeout=timeout, auto_decompress=False
            )
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


async def _body(answer: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    """Ends, too, where the server was killed in the midst of it, unless its length was told."""
    try:
        async for chunk in answer.content.iter_any():
            yield chunk
    except aiohttp.ClientError:
        if answer.content_length is not None:
            raise
    finally:
        answer.close()
