"""A workspace as JSON: what `--state` keeps from one run to the next.

People, channels, messages and files are kept; open modals, triggers and response URLs are not.
"""

import base64
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import orjson

from sandbox.slack.config import Json
from sandbox.slack.model import Channel, File, Message, User, UserGroup
from sandbox.slack.posting import restore
from sandbox.slack.workspace import Workspace

LISTED = frozenset({"messages", "timeline", "ephemerals", "graveyard", "mentions"})


def save(workspace: Workspace, path: Path) -> None:
    """Write the workspace to a file, at once or not at all."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_bytes(orjson.dumps(dump(workspace), option=orjson.OPT_NON_STR_KEYS))
    fresh.replace(path)


def load(workspace: Workspace, path: Path) -> None:
    """Put what a file holds in place of the seed."""
    fill(workspace, orjson.loads(path.read_bytes()))


def dump(workspace: Workspace) -> Json:
    """All that is kept."""
    return {
        "ids": workspace.ids.count,
        "users": [asdict(user) for user in workspace.users.values()],
        "groups": [asdict(group) for group in workspace.groups.values()],
        "files": [_dump_file(file) for file in workspace.files.values()],
        "channels": [_dump_channel(channel) for channel in workspace.channels.values()],
    }


def _dump_file(file: File) -> Json:
    content = base64.b64encode(file.content).decode()
    return {**_plain(file), "content": content}


def _plain(record: Any) -> Json:
    """The fields of a record, not copied deeply."""
    return {field.name: getattr(record, field.name) for field in fields(record)}


def _dump_channel(channel: Channel) -> Json:
    kept = {key: value for key, value in _plain(channel).items() if key not in LISTED}
    kept["messages"] = [_dump_message(message) for message in channel.messages.values()]
    kept["graveyard"] = [
        _dump_message(message)
        for message in channel.graveyard
        if message.ts not in channel.messages
    ]
    return kept


def _dump_message(message: Message) -> Json:
    files = [file.id for file in message.files or ()]
    return {**_plain(message), "files": files, "mentions": None}


def fill(workspace: Workspace, state: Json) -> None:
    """The inverse of `dump`."""
    workspace.ids.skip(state["ids"])
    workspace.users.clear()
    for raw in state["users"]:
        workspace.add_user(User(**raw))
    workspace.groups = {raw["id"]: UserGroup(**raw) for raw in state["groups"]}
    for raw in state["files"]:
        content = base64.b64decode(raw["content"])
        workspace.files[raw["id"]] = File(**{**raw, "content": content})
    workspace.channels.clear()
    for raw in state["channels"]:
        workspace.add_channel(_channel(workspace, raw))


def _channel(workspace: Workspace, raw: Json) -> Channel:
    plain = {key: value for key, value in raw.items() if key not in LISTED}
    channel = Channel(**plain)
    for message in raw["messages"]:
        restore(channel, _message(workspace, message))
    channel.graveyard = [_message(workspace, message) for message in raw["graveyard"]]
    channel.graveyard += [m for m in channel.messages.values() if m.tombstone]
    return channel


def _message(workspace: Workspace, raw: Json) -> Message:
    files = [workspace.files[file_id] for file_id in raw["files"]]
    return Message(**{**raw, "files": files or None})
