"""What a Web API method is: a function of workspace and call, and the scopes it asks for."""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from sandbox.slack.config import Json
from sandbox.slack.core import Sandbox
from sandbox.slack.errors import SlackError
from sandbox.slack.model import Channel, Message, User
from sandbox.slack.wire import Call

Item = TypeVar("Item")
Handler = Callable[[Sandbox, Call], Json]


@dataclass(frozen=True, slots=True)
class Method:
    """`scopes` are alternatives; any one is enough. None needed: an empty tuple."""

    handler: Handler
    scopes: tuple[str, ...] = ()


def channel_of(box: Sandbox, call: Call, name: str = "channel") -> Channel:
    """The channel an argument names: a channel's id or name, or a person's id (their messages)."""
    wanted = call.text(name)
    if wanted is None:
        raise SlackError("channel_not_found")
    workspace = box.workspace
    found = workspace.channels.get(wanted)
    if found is None and wanted[0] in "UW" and wanted in workspace.users:
        return workspace.im_with(wanted)
    return _visible(box, found or workspace.channel_named(wanted))


def known_channel(box: Sandbox, call: Call) -> Channel:
    """The channel whose id the `channel` argument is."""
    return _visible(box, box.workspace.channels.get(call.need("channel")))


def _visible(box: Sandbox, channel: Channel | None) -> Channel:
    """Private channels are unknown to who is not in them."""
    if channel is None:
        raise SlackError("channel_not_found")
    if channel.is_private and box.workspace.app.bot_user not in channel.members:
        raise SlackError("channel_not_found")
    return channel


def must_be_member(box: Sandbox, channel: Channel) -> None:
    """`not_in_channel` unless the app's bot user is in the channel."""
    if box.workspace.app.bot_user not in channel.members:
        raise SlackError("not_in_channel")


def message_of(channel: Channel, ts: str) -> Message:
    """A living message; `message_not_found` for another ts."""
    found = channel.messages.get(ts)
    if found is None or found.deleted:
        raise SlackError("message_not_found")
    return found


def user_of(box: Sandbox, call: Call) -> User:
    """The person the `user` argument names."""
    found = box.workspace.users.get(call.need("user"))
    if found is None:
        raise SlackError("user_not_found")
    return found


def encode_cursor(kind: str, value: str) -> str:
    """A cursor as Slack makes them: base64 of `kind:value`."""
    return base64.b64encode(f"{kind}:{value}".encode()).decode()


def decode_cursor(call: Call, kind: str) -> str | None:
    """The value inside the `cursor` argument; `invalid_cursor` for a foreign one."""
    cursor = call.text("cursor")
    if cursor is None:
        return None
    try:
        found, _, value = base64.b64decode(cursor, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise SlackError("invalid_cursor") from None
    if found != kind:
        raise SlackError("invalid_cursor")
    return value


def page(
    items: list[Item], call: Call, key: Callable[[Item], str], *, kind: str, default: int, most: int
) -> tuple[list[Item], Json]:
    """A page of a list ordered by `key`, and the `response_metadata` that leads on."""
    start = decode_cursor(call, kind)
    first = 0
    if start is not None:
        first = next((i for i, item in enumerate(items) if key(item) == start), -1)
        if first < 0:
            raise SlackError("invalid_cursor")
    limit = call.integer("limit", default, most)
    rest = items[first + limit : first + limit + 1]
    cursor = encode_cursor(kind, key(rest[0])) if rest else ""
    return items[first : first + limit], {"next_cursor": cursor}
