"""What came with a user's message: its kind, its name, and where Meta has it.

Meta's address is public for whoever knows it, and ends after a while, so nobody is shown it: the
bytes are read from it, by stream, and kept here. Only Meta's own hosts are asked, whatever address
a webhook names, and a redirect to another host is none that is followed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from http import HTTPStatus
from urllib.parse import urljoin, urlsplit

import httpx

from adapters.messenger.client import Graph
from adapters.messenger.events import Attached
from bridge.errors import Refused, Retry
from bridge.filing import MAX_FILE
from bridge.model import Attachment

LENDER = "messenger"
MIMES = {"image": "image/*", "sticker": "image/*", "audio": "audio/*", "video": "video/*"}
UNKNOWN = "application/octet-stream"
HOSTS = (".fbcdn.net", ".fbsbx.com", ".facebook.com")
"""Where Meta keeps what users send (Messenger Platform: attachments of a message)."""
HOPS = 3
"""Redirects that are followed, each within those hosts."""
GONE = "file_gone"


def kept(attached: tuple[Attached, ...]) -> tuple[Attachment, ...]:
    """`ref` has a scheme of its own, so that nobody takes it for a file that we have."""
    return tuple(
        Attachment(each.name, MIMES.get(each.kind, UNKNOWN), 0, f"{LENDER}:{each.url}")
        for each in attached
    )


async def lend(graph: Graph, api_url: str, file: Attachment) -> AsyncIterator[bytes]:
    """Its bytes. Raises Refused (`file_gone`, `file_elsewhere`, `file_too_large`) or Retry."""
    url = file.ref.partition(":")[2]
    for _ in range(HOPS):
        if not _is_metas(url, api_url):
            raise Refused("file_elsewhere")
        try:
            async with graph.session().stream("GET", url) as response:
                if response.has_redirect_location:
                    url = urljoin(url, response.headers["location"])
                    continue
                _check(response)
                async for chunk in response.aiter_bytes():
                    yield chunk
                return
        except httpx.HTTPError as error:
            raise Retry("file_not_read") from error
        except httpx.InvalidURL as error:
            raise Refused("file_elsewhere") from error
    raise Refused(GONE)


def _is_metas(url: str, api_url: str) -> bool:
    """By https on a host of Meta's, or of the very origin that we speak to anyway."""
    try:
        asked, own = urlsplit(url), urlsplit(api_url)
        host = (asked.hostname or "").lower()
        _ = asked.port  # of a number that no port has, too
    except ValueError:
        return False
    if (asked.scheme, asked.netloc) == (own.scheme, own.netloc):
        return True
    return asked.scheme == "https" and host.endswith(HOSTS) and asked.username is None


def _check(response: httpx.Response) -> None:
    if response.status_code in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE, HTTPStatus.FORBIDDEN):
        raise Refused(GONE)
    if not response.is_success:
        raise Retry("file_not_read")
    size = response.headers.get("content-length", "0")
    if size.isdigit() and int(size) > MAX_FILE:
        raise Refused("file_too_large")
