"""Files from and to Slack, streamed: agents' files are read with the bot's token and never linked,
customers' files go up by the external flow (docs.slack.dev/messaging/working-with-files).

The flow has three steps. Bytes that were sent and not completed are seen by nobody and forgotten by
Slack; completing shows the file in the thread, at some moment soon after the answer. It carries our
key as the id of its block, by which a doubtful one is found.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from adapters.slack.blocks import rich, section, words
from adapters.slack.client import Client
from adapters.slack.names import customer_name
from bridge.errors import Broken, Refused, Retry
from bridge.model import Attachment, Message, Role, Thread, Visibility
from bridge.ports import Receipt
from bridge.views import View

LENDER = "slack"
PIECE = 64 * 1024
GONE = frozenset({"file_not_found", "file_deleted", "files_not_found"})
TOMBSTONE = "tombstone"
SIGN_IN = "text/html"
"""What Slack answers, with 200, in place of a file that the token may not read."""


def shared(files: object) -> tuple[Attachment, ...]:
    """The files of a message that can be fetched: not those that were deleted, that the plan hides,
    or that are kept elsewhere (Google Drive and the like)."""
    listed = files if isinstance(files, list) else []
    return tuple(_attachment(each) for each in listed if isinstance(each, dict) and _is_here(each))


def removed(files: object) -> tuple[int, ...]:
    """The places, among those that could be fetched once, of files that were deleted: a message
    keeps a tombstone of each."""
    listed = files if isinstance(files, list) else []
    ours = [each for each in listed if isinstance(each, dict) and not _is_elsewhere(each)]
    return tuple(n for n, each in enumerate(ours) if each.get("mode") == TOMBSTONE)


def _is_elsewhere(file: Mapping[str, Any]) -> bool:
    return bool(file.get("is_external")) or file.get("mode") in {"hidden_by_limit", "external"}


def _is_here(file: Mapping[str, Any]) -> bool:
    gone = file.get("mode") == TOMBSTONE or _is_elsewhere(file)
    return not gone and isinstance(file.get("id"), str)


def _attachment(file: Mapping[str, Any]) -> Attachment:
    """Of a file in a shared channel no more is told than its id."""
    size = file.get("size")
    return Attachment(
        str(file.get("name") or "file"),
        str(file.get("mimetype") or ""),
        size if isinstance(size, int) else 0,
        f"{LENDER}:{file['id']}",
    )


class FileDoor:
    """Implements `Lends` and `TakesFiles` of `bridge.ports`. The token goes to Slack's own hosts
    only, wherever an answer says that a file is."""

    def __init__(self, client: Client, api_url: str, timeout: float) -> None:
        self._client = client
        self._origin = _origin(api_url)
        # A transfer lasts as long as something moves.
        self._patience = aiohttp.ClientTimeout(total=None, connect=timeout, sock_read=timeout)

    # --- from Slack ------------------------------------------------------------------------------

    async def lend(self, file: Attachment) -> AsyncIterator[bytes]:
        """Asked for anew: it may have been deleted, and of some only the id was told."""
        found = await self._info(file.ref.partition(":")[2])
        url = str(found.get("url_private_download") or found.get("url_private") or "")
        if not self._is_slacks(url):
            raise Refused("file_elsewhere")
        size = found.get("size")
        async for chunk in self._read(url, size if isinstance(size, int) else None):
            yield chunk

    async def _info(self, id: str) -> Mapping[str, Any]:
        try:
            answer = await self._client.call("files.info", file=id)
        except Broken as error:
            raise _unless_scope(error) from error
        except Refused as error:
            raise Refused("file_gone" if error.reason in GONE else error.reason) from error
        file = answer.get("file")
        if not isinstance(file, dict) or not _is_here(file):
            raise Refused("file_gone")
        return file

    async def _read(self, url: str, size: int | None) -> AsyncIterator[bytes]:
        request = self._client.session().get(
            url,
            headers=self._client.authorization,
            allow_redirects=False,
            timeout=self._patience,
        )
        came = 0
        try:
            async with request as response:
                _check(response, size)
                async for chunk in response.content.iter_chunked(PIECE):
                    came += len(chunk)
                    yield chunk
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Retry("file_not_read") from error
        if size is not None and came != size:
            raise Retry("file_cut_short")

    # --- to Slack --------------------------------------------------------------------------------

    async def upload(self, file: Attachment, chunks: AsyncIterator[bytes]) -> str:
        try:
            answer = await self._client.call(
                "files.getUploadURLExternal", filename=file.name, length=file.size
            )
        except Broken as error:
            raise _unless_scope(error) from error
        url, name = str(answer.get("upload_url") or ""), str(answer.get("file_id") or "")
        if not self._is_slacks(url) or not name:
            raise Retry("bad_answer")
        await self._send(url, file.size, chunks)
        return name

    async def _send(self, url: str, size: int, chunks: AsyncIterator[bytes]) -> None:
        """The address is the permission: no token goes there."""
        headers = {"Content-Type": "application/octet-stream", "Content-Length": str(size)}
        try:
            async with self._client.session().post(
                url, data=chunks, headers=headers, allow_redirects=False, timeout=self._patience
            ) as response:
                status = response.status
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Retry("file_not_sent") from error
        if status != HTTPStatus.OK:
            raise Retry(f"http_{status}")

    async def share(
        self, thread: Thread, view: View, message: Message, upload: str, key: str
    ) -> Receipt:
        answer = await self._client.call(
            "files.completeUploadExternal",
            files=[{"id": upload}],
            channel_id=thread.channel,
            thread_ts=thread.ts,
            blocks=[rich(section(words(_whose(message, view))), block_id=key)],
        )
        del answer  # where it is shown is not told yet
        return Receipt()

    def _is_slacks(self, url: str) -> bool:
        """Slack's own, or where the API is said to be."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        slacks = parts.scheme == "https" and (host == "slack.com" or host.endswith(".slack.com"))
        return slacks or _origin(url) == self._origin


def _whose(message: Message, view: View) -> str:
    """What stands above a file."""
    if message.visibility is Visibility.INTERNAL:
        return "🔒 Desk"
    name = "Assistant" if message.author.role is Role.BOT else customer_name(view.contact)
    return f"From {name}"


def _check(response: aiohttp.ClientResponse, size: int | None) -> None:
    """Raises DeliveryError unless the answer is the file."""
    status = response.status
    if status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        raise Refused("file_gone")
    if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise Retry(f"http_{status}")
    page = response.content_type == SIGN_IN and response.content_length != size
    if page or status != HTTPStatus.OK:
        raise Refused("file_not_allowed")


def _unless_scope(error: Broken) -> Broken | Refused:
    """A permission that is missing for files alone holds up no words: it is told at once."""
    return Refused("file_not_allowed") if error.reason == "missing_scope" else error


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
