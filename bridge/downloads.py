"""Files over HTTP: never shown by a browser in a page of ours, whatever they are, and `/files/{id}`
for bots, which hold a signed link."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from bridge.errors import BadRequest, Refused
from bridge.filetypes import PICTURES, UNKNOWN
from bridge.filing import Filed, Files
from bridge.links import Links
from bridge.ports import Clock

HARMLESS = PICTURES | {"application/pdf", "text/plain"}
"""Types that are told as they are; any other is just bytes to be saved."""
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
}


async def download(files: Files, file: Filed) -> Response:
    """The file, streamed, to be saved and not shown. Raises BadRequest (404) where its bytes are
    gone."""
    try:
        chunks = files.read(file)
        first = await anext(chunks)
    except (Refused, StopAsyncIteration):
        raise missing() from None
    kind = file.mime if file.mime in HARMLESS or file.mime.startswith(("audio/", "video/")) else ""
    headers = {
        **HEADERS,
        "Content-Length": str(file.size),
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
    }
    return StreamingResponse(_all(first, chunks), headers=headers, media_type=kind or UNKNOWN)


async def _all(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for chunk in rest:
        yield chunk


def missing() -> BadRequest:
    """The same for a file that is not there and for one that is somebody else's."""
    return BadRequest("not_found", "There is no such file here.", status=404)


def routes(files: Files, links: Links, clock: Clock) -> list[Route]:
    async def show(request: Request) -> Response:
        """404 for a link that is not good (any more), too: it tells nobody what there is."""
        file = await files.find(request.path_params["id"])
        expires, signature = (request.query_params.get(n, "") for n in ("expires", "signature"))
        if file is None or not links.admits(file, expires, signature, clock()):
            raise missing()
        return await download(files, file)

    return [Route("/files/{id}", show)]
