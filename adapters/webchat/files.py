"""The widget's files: the loader at `/webchat/widget.js` and its modules, read once at the start.

They are always asked for again (`no-cache`, with an ETag), so that modules of two releases never
mix. Comments stay here: a line that is nothing but one is not sent.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bridge.errors import BadRequest

WIDGET = Path(__file__).parent / "widget"
COMMENT = re.compile(rb"^[ ]*(//|/\*\*.*\*/$).*\n", re.MULTILINE)
HEADERS = {
    "Cache-Control": "no-cache",
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
    "Vary": "Accept-Encoding",
}


@dataclass(frozen=True, slots=True)
class File:
    plain: bytes
    packed: bytes
    etag: str


def load(folder: Path = WIDGET) -> Mapping[str, File]:
    """Every module of the folder by its name."""
    return {path.name: _file(sent(path)) for path in sorted(folder.glob("*.js"))}


def sent(path: Path) -> bytes:
    return COMMENT.sub(b"", path.read_bytes())


def _file(plain: bytes) -> File:
    etag = f'"{hashlib.sha256(plain).hexdigest()[:32]}"'
    return File(plain, gzip.compress(plain, 9, mtime=0), etag)


def routes() -> list[Route]:
    files = load()

    async def show(request: Request) -> Response:
        name = request.path_params.get("name", "widget.js")
        if name not in files:
            raise BadRequest("not_found", "There is no such file.", status=404)
        return _answer(request, files[name])

    return [Route("/webchat/widget.js", show), Route("/webchat/widget/{name}", show)]


def _known(header: str) -> set[str]:
    """The ETags that a client has; a proxy that packed the file has weakened them."""
    return {tag.strip().removeprefix("W/") for tag in header.split(",")}


def _answer(request: Request, file: File) -> Response:
    headers = {**HEADERS, "ETag": file.etag}
    if file.etag in _known(request.headers.get("if-none-match", "")):
        return Response(status_code=304, headers=headers)
    packed = "gzip" in request.headers.get("accept-encoding", "")
    if packed:
        headers["Content-Encoding"] = "gzip"
    media = "text/javascript; charset=utf-8"
    return Response(file.packed if packed else file.plain, headers=headers, media_type=media)
