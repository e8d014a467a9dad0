"""conversations.* methods."""

from bisect import bisect_left, bisect_right
from types import MappingProxyType

from sandbox.slack import membership
from sandbox.slack.config import Json
from sandbox.slack.core import Sandbox
from sandbox.slack.errors import SlackError
from sandbox.slack.method import (
    Method,
    decode_cursor,
    encode_cursor,
    known_channel,
    must_be_member,
    page,
)
from sandbox.slack.model import Channel, Message
from sandbox.slack.render import channel_json, message_json
from sandbox.slack.wire import Call

HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")
READ = ("channels:read", "groups:read", "im:read", "mpim:read")


def history(box: Sandbox, call: Call) -> Json:
    """Root messages (and replies shown in channel), the newest first."""
    channel = known_channel(box, call)
    must_be_member(box, channel)
    stamps = _window(channel.timeline, call)
    before = decode_cursor(call, "next_ts")
    if before is not None:
        stamps = stamps[: bisect_right(stamps, before)]
    limit = call.integer("limit", 100, 999)
    picked, rest = stamps[-limit:][::-1], stamps[:-limit]
    out: Json = {
        "messages": _shown(box, channel, picked, call), "has_more": bool(rest), "pin_count": 0,
        "channel_actions_ts": None, "channel_actions_count": 0,
    }  # fmt: skip
    if rest:
        out["response_metadata"] = {"next_cursor": encode_cursor("next_ts", rest[-1])}
    return out


def replies(box: Sandbox, call: Call) -> Json:
    """A thread: its root, then its replies, the oldest first."""
    channel = known_channel(box, call)
    must_be_member(box, channel)
    root = _root(channel, call.need("ts"))
    stamps = _window(root.replies or [], call)
    start = decode_cursor(call, "next_ts")
    if start is not None:
        stamps = stamps[bisect_left(stamps, start) :]
    limit = call.integer("limit", 1000, 1000)
    wanted = stamps if start is not None else [root.ts, *stamps]
    picked, rest = wanted[:limit], wanted[limit:]
    out: Json = {"messages": _shown(box, channel, picked, call), "has_more": bool(rest)}
    if rest:
        out["response_metadata"] = {"next_cursor": encode_cursor("next_ts", rest[0])}
    return out


def _root(channel: Channel, ts: str) -> Message:
    found = channel.messages.get(ts)
    if found is not None and found.is_reply:
        found = channel.messages.get(found.thread_ts or "")
    if found is None:
        raise SlackError("thread_not_found")
    return found


def _window(stamps: list[str], call: Call) -> list[str]:
    """The stamps between `oldest` and `latest`; both ends only count with `inclusive`."""
    oldest, latest = _stamp(call, "oldest"), _stamp(call, "latest")
    inclusive = call.flag("inclusive")
    start, end = 0, len(stamps)
    if oldest is not None:
        start = (bisect_left if inclusive else bisect_right)(stamps, oldest)
    if latest is not None:
        end = (bisect_right if inclusive else bisect_left)(stamps, latest)
    return stamps[start:end]


def _stamp(call: Call, name: str) -> str | None:
    """A ts argument in the width that stored ones have, so that they compare as texts."""
    value = call.text(name)
    if value is None or value == "now":
        return None
    seconds, _, micros = value.partition(".")
    if not seconds.isdigit() or (micros and not micros.isdigit()):
        raise SlackError(f"invalid_ts_{name}")
    return f"{int(seconds):010d}.{micros[:6].ljust(6, '0')}"


def _shown(box: Sandbox, channel: Channel, stamps: list[str], call: Call) -> list[Json]:
    full = call.flag("include_all_metadata") and box.subscriptions.has("metadata.message:read")
    shown = []
    for ts in stamps:
        message = channel.messages[ts]
        out = message_json(box.workspace, message)
        if message.metadata is not None:
            kind = {"event_type": message.metadata["event_type"]}
            out["metadata"] = message.metadata if full else kind
        shown.append(out)
    return shown


def info(box: Sandbox, call: Call) -> Json:
    """One conversation."""
    channel = known_channel(box, call)
    shown = channel_json(box.workspace, channel)
    if not call.flag("include_num_members"):
        shown.pop("num_members", None)
    return {"channel": shown}


def list_all(box: Sandbox, call: Call) -> Json:
    """The conversations of the wanted `types` (public channels by default)."""
    types = set((call.text("types") or "public_channel").replace(" ", "").split(","))
    if not types <= {"public_channel", "private_channel", "im", "mpim"}:
        raise SlackError("invalid_types")
    found = [c for c in box.workspace.channels.values() if _listed(box, c, types)]
    if call.flag("exclude_archived"):
        found = [channel for channel in found if not channel.is_archived]
    picked, meta = page(found, call, lambda c: c.id, kind="channel", default=100, most=999)
    shown = [channel_json(box.workspace, channel) for channel in picked]
    return {"channels": shown, "response_metadata": meta}


def _listed(box: Sandbox, channel: Channel, types: set[str]) -> bool:
    if channel.im_user is not None:
        return "im" in types
    if channel.is_private:
        member = box.workspace.app.bot_user in channel.members
        return member and "private_channel" in types
    return "public_channel" in types


def members(box: Sandbox, call: Call) -> Json:
    """The ids of a conversation's members."""
    channel = known_channel(box, call)
    found = list(channel.members)
    picked, meta = page(found, call, lambda user: user, kind="user", default=100, most=999)
    return {"members": picked, "response_metadata": meta}


def join(box: Sandbox, call: Call) -> Json:
    """The app's bot user joins a public channel."""
    channel = known_channel(box, call)
    if channel.is_archived:
        raise SlackError("is_archived")
    if channel.is_private or channel.im_user is not None:
        raise SlackError("method_not_supported_for_channel_type")
    joined = membership.join(box.workspace, channel, box.workspace.app.bot_user)
    out: Json = {"channel": channel_json(box.workspace, channel)}
    if not joined:
        out |= {"warning": "already_in_channel"}
        out["response_metadata"] = {"warnings": ["already_in_channel"]}
    return out


def leave(box: Sandbox, call: Call) -> Json:
    """The app's bot user leaves a channel."""
    channel = known_channel(box, call)
    left = membership.leave(box.workspace, channel, box.workspace.app.bot_user)
    return {} if left else {"not_in_channel": True}


def open_im(box: Sandbox, call: Call) -> Json:
    """Open (or find) the app's direct messages with one person."""
    if call.text("channel"):
        return {"channel": {"id": known_channel(box, call).id}, "no_op": True, "already_open": True}
    users = [user for user in (call.text("users") or "").split(",") if user]
    if not users:
        raise SlackError("users_list_not_supplied")
    if len(users) > 1:
        raise SlackError("method_not_supported_for_channel_type")
    if users[0] not in box.workspace.users:
        raise SlackError("user_not_found")
    return {"channel": {"id": box.workspace.im_with(users[0]).id}}


METHODS = MappingProxyType(
    {
        "conversations.history": Method(history, HISTORY),
        "conversations.replies": Method(replies, HISTORY),
        "conversations.info": Method(info, READ),
        "conversations.list": Method(list_all, READ),
        "conversations.members": Method(members, READ),
        "conversations.join": Method(join, ("channels:join",)),
        "conversations.leave": Method(leave, ("channels:manage", "groups:write")),
        "conversations.open": Method(open_im, ("im:write", "mpim:write")),
    }
)
