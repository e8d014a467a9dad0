"""What customers send and are sent: read by whoever knows its address, as with Meta."""

from __future__ import annotations

import secrets
from collections import OrderedDict

from starlette.requests import Request
from starlette.responses import Response

from sandbox.graph.config import GraphConfig, Json
from sandbox.graph.photo import photo

SHOWN = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}
"""Types that a browser may show; all others are given as something to keep."""
PLAIN = "application/octet-stream"
MOST = 50
"""The newest so many are kept."""


class Files:
    def __init__(self, config: GraphConfig) -> None:
        self._base = f"{config.public_base_url}/attachments"
        self._kept: OrderedDict[str, tuple[str, bytes]] = OrderedDict()
        self._kept["photo.png"] = ("image/png", photo())

    def keep(self, mime: str, content: bytes) -> Json:
        """The attachment, as a webhook tells it."""
        mime = mime if mime in SHOWN else PLAIN
        name = f"{secrets.token_hex(8)}.{SHOWN.get(mime, 'bin')}"
        self._kept[name] = (mime, content)
        if len(self._kept) > MOST:
            self._kept.popitem(last=False)
        kind = "image" if mime in SHOWN else "file"
        return {"type": kind, "payload": {"url": f"{self._base}/{name}"}}

    async def read(self, request: Request) -> Response:
        """GET /attachments/{name}"""
        mime, content = self._kept.get(request.path_params["name"], ("", b""))
        if not mime:
            return Response(status_code=404)
        headers = {"x-content-type-options": "nosniff"}
        headers |= {"content-disposition": "attachment"} if mime == PLAIN else {}
        return Response(content, media_type=mime, headers=headers)
