"""The widget's own files: the loader at `/webchat/widget.js`, and its modules as one, `main.js`.

Modules are written apart and sent together: that is one request, a tenth less to send, and never
two releases mixed. They share one scope then, so no name may stand at the top of two of them (the
browser would refuse the whole). Comments and indentation stay here. What is sent is always asked
for again (`no-cache`, with an ETag).
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
IMPORT = re.compile(rb"^import .* from '\./([\w.-]+)';\n", re.MULTILINE)
EXPORT = re.compile(rb"^export (?=async|const|function)", re.MULTILINE)
SPARE = re.compile(rb"^[ ]*(//|/\*\*.*\*/$).*\n|^ +", re.MULTILINE)
LOADER, MAIN = "widget.js", "main.js"
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
    """What is sent, by its name."""
    return {LOADER: _file(sent(folder / LOADER)), MAIN: _file(bundle(folder))}


def bundle(folder: Path = WIDGET) -> bytes:
    """Every module that `main.js` needs, each behind those that it imports."""
    parts: dict[str, bytes] = {}

    def take(name: str) -> None:
        text = sent(folder / name)
        for needed in map(bytes.decode, IMPORT.findall(text)):
            if needed not in parts:
                take(needed)
        parts[name] = EXPORT.sub(b"", IMPORT.sub(b"", text))

    take(MAIN)
    return b"".join(parts.values()) + b"export { start };\n"


def sent(path: Path) -> bytes:
    return SPARE.sub(b"", path.read_bytes())


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
