"""Agents' files on their way to Meta: a form with the bytes in it, as they are read (Messenger
Platform: Attachment Upload API).

What was uploaded is seen by nobody until a message names it, for ninety days; so it may be done
twice, and no address of ours is told to anybody. Meta takes 25 MB, as we do.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from bridge.model import Attachment
from bridge.ports import ReadFile

KINDS: Mapping[str, str] = {
    "image/png": "image",
    "image/jpeg": "image",
    "image/gif": "image",
    "video/mp4": "video",
    "video/quicktime": "video",
}
"""What Messenger shows as such. Of sounds it wants only that they call themselves `audio/`;
everything else is a file, to be opened elsewhere."""
SLOW = frozenset({"audio", "video"})
"""Kinds of which Meta takes fewer each second."""


def kind_of(mime: str) -> str:
    """Meta's `type` of an attachment.

    >>> kind_of("image/webp"), kind_of("audio/ogg"), kind_of("image/gif")
    ('file', 'audio', 'image')
    """
    return "audio" if mime.startswith("audio/") else KINDS.get(mime, "file")


def attachment(mime: str, **payload: Any) -> dict[str, Any]:
    """Of a message, or of an upload."""
    return {"attachment": {"type": kind_of(mime), "payload": payload}}


@dataclass(frozen=True, slots=True)
class Form:
    """`multipart/form-data` with one file. Its length is told before, and its bytes are read when
    they are sent, anew for each attempt."""

    file: Attachment
    read: ReadFile
    boundary: str = field(default_factory=lambda: secrets.token_hex(16))

    @property
    def headers(self) -> dict[str, str]:
        size = len(self._head()) + self.file.size + len(self._tail())
        kind = f"multipart/form-data; boundary={self.boundary}"
        return {"Content-Type": kind, "Content-Length": str(size)}

    async def stream(self) -> AsyncIterator[bytes]:
        yield self._head()
        async for chunk in self.read():
            yield chunk
        yield self._tail()

    def _head(self) -> bytes:
        mime, name = self.file.mime, _quoted(self.file.name)
        told = orjson.dumps(attachment(mime, is_reusable=True)).decode()
        lines = (
            f"--{self.boundary}",
            'Content-Disposition: form-data; name="message"',
            "",
            told,
            f"--{self.boundary}",
            f'Content-Disposition: form-data; name="filedata"; filename="{name}"',
            f"Content-Type: {mime}",
            "",
            "",
        )
        return "\r\n".join(lines).encode()

    def _tail(self) -> bytes:
        return f"\r\n--{self.boundary}--\r\n".encode()


def _quoted(name: str) -> str:
    """As browsers write it (HTML: multipart form data)."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
