"""File uploads in three steps: ask for an address, send the bytes, complete and share."""

import asyncio
import mimetypes
from dataclasses import dataclass

from sandbox.slack.authorship import app_message
from sandbox.slack.config import Json
from sandbox.slack.errors import SlackError
from sandbox.slack.model import Channel, File
from sandbox.slack.posting import post, tell_changed
from sandbox.slack.render import message_json
from sandbox.slack.workspace import Workspace


@dataclass(slots=True)
class Pending:
    """An upload that is not completed."""

    file: File
    length: int
    received: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """Files to show in a channel or thread, with a comment."""

    files: list[File]
    channel: Channel
    thread_ts: str | None
    comment: str
    blocks: list[Json] | None


class Uploads:
    """Uploads under way, by the secret in their address and by file id."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._by_secret: dict[str, Pending] = {}
        self._by_file: dict[str, Pending] = {}
        self._timers: set[asyncio.TimerHandle] = set()

    def start(self, name: str, length: int, user: str) -> tuple[str, str]:
        """Begin an upload: its address and the file's id."""
        workspace = self._workspace
        file = new_file(workspace, name, b"", user)
        pending = Pending(file, length)
        secret = workspace.ids.letters(20)
        self._by_secret[secret] = self._by_file[file.id] = pending
        return f"{workspace.base_url}/files/upload/{secret}", file.id

    def receive(self, secret: str, content: bytes) -> int:
        """Take the bytes; SlackError when the address is unknown or the length is another."""
        pending = self._by_secret.get(secret)
        if pending is None:
            raise SlackError("upload_not_found")
        if len(content) != pending.length:
            raise SlackError("upload_length_mismatch")
        pending.file.content = content
        pending.received = True
        return len(content)

    def complete(self, wanted: list[Json]) -> list[File]:
        """Finish uploads, each once; SlackError `file_not_found` for unknown or finished ones."""
        pending = [self._by_file.get(str(item.get("id"))) for item in wanted]
        ready = [entry for entry in pending if entry is not None and entry.received]
        if len(ready) != len(wanted):
            raise SlackError("file_not_found")
        for entry, item in zip(ready, wanted, strict=True):
            entry.file.title = str(item.get("title") or entry.file.name)
            del self._by_file[entry.file.id]
            self._workspace.files[entry.file.id] = entry.file
        return [entry.file for entry in ready]

    def share_later(self, share: Share) -> None:
        """Show files in a channel a moment later, as Slack's processing does."""

        def fire() -> None:
            self._timers.discard(timer)
            share_now(self._workspace, share)

        delay = self._workspace.config.file_share_delay
        timer = asyncio.get_running_loop().call_later(delay, fire)
        self._timers.add(timer)


def new_file(workspace: Workspace, name: str, content: bytes, user: str) -> File:
    """A file record; the type is guessed from the name."""
    safe = name.replace("/", "_").replace("\\", "_") or "file"
    kind = mimetypes.guess_type(safe)[0] or "application/octet-stream"
    return File(workspace.ids.new("F"), safe, kind, content, user, workspace.now())


def share_now(workspace: Workspace, share: Share) -> None:
    """Post the app's message with files, and tell `file_shared` for each."""
    draft = app_message(workspace, share.channel, share.comment, share.blocks)
    draft.thread_ts, draft.files, draft.subtype = share.thread_ts, share.files, "file_share"
    post(workspace, share.channel, draft)
    tell_shared(workspace, share.channel, share.files)


def tell_shared(workspace: Workspace, channel: Channel, files: list[File]) -> None:
    """The `file_shared` event of each file."""
    for file in files:
        event: Json = {
            "type": "file_shared", "file_id": file.id, "user_id": file.user,
            "file": {"id": file.id}, "channel_id": channel.id,
            "event_ts": workspace.next_ts(channel),
        }  # fmt: skip
        workspace.emit(event, channel)


def remove_file(workspace: Workspace, file: File) -> None:
    """Delete a file wherever it is shown, with the `file_deleted` event and
    one of the change for each message."""
    shown = [(channel, ts) for channel, stamps in file.shares.items() for ts in stamps]
    messages = [message for place in shown if (message := workspace.message(*place)) is not None]
    before = [message_json(workspace, message) for message in messages]
    file.deleted, file.content = True, b""
    stamp = f"{workspace.now()}.000100"
    workspace.emit({"type": "file_deleted", "file_id": file.id, "event_ts": stamp}, None)
    for message, was in zip(messages, before, strict=True):
        tell_changed(workspace, message, was)
