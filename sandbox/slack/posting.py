"""Messages come, change and go: the records, the app's events and the clients' feed together."""

from bisect import bisect_left, insort
from collections.abc import Callable

from sandbox.slack.config import Json
from sandbox.slack.model import Channel, Message
from sandbox.slack.notify import notify
from sandbox.slack.render import message_json
from sandbox.slack.ui_render import client_message
from sandbox.slack.workspace import Workspace


def thread_root(channel: Channel, thread_ts: str | None) -> Message | None:
    """The root a post goes under; None when there is no such root (it lands in the channel)."""
    root = channel.messages.get(thread_ts) if thread_ts else None
    if root is None or root.is_reply or (root.deleted and not root.tombstone):
        return None
    return root


def post(workspace: Workspace, channel: Channel, draft: Message) -> Message:
    """Store a message whose ts is set, count it in its thread, tell the app and the clients."""
    root = thread_root(channel, draft.thread_ts)
    draft.thread_ts = root.ts if root else None
    if draft.broadcast and root is None:
        draft.broadcast = False
        draft.subtype = None if draft.subtype == "thread_broadcast" else draft.subtype
    channel.messages[draft.ts] = draft
    if root is not None:
        _count_reply(root, draft)
    if root is None or draft.broadcast:
        channel.timeline.append(draft.ts)
    for file in draft.files or ():
        file.shares.setdefault(channel.id, []).append(draft.ts)
    workspace.emit(message_event(workspace, channel, draft), channel)
    _tell(workspace, "message", draft)
    if root is not None:
        _tell(workspace, "changed", root)
    notify(workspace, channel, draft, root)
    return draft


def _count_reply(root: Message, reply: Message) -> None:
    if root.replies is None:
        root.replies, root.reply_users = [], []
    root.thread_ts = root.ts
    root.replies.append(reply.ts)
    users = root.reply_users
    if users is not None and reply.author and reply.author not in users:
        users.append(reply.author)


def message_event(workspace: Workspace, channel: Channel, message: Message) -> Json:
    """The `message` event of a new message."""
    event = message_json(workspace, message)
    event |= {"channel": channel.id, "event_ts": message.ts, "channel_type": channel.kind}
    return event


def edit(
    workspace: Workspace, message: Message, change: Callable[[Message], None], *, mark: str | None
) -> None:
    """Apply a change and tell it; `mark` is who edited (None: no "edited" flag)."""
    channel = workspace.channels[message.channel]
    before = message_json(workspace, message)
    change(message)
    message.mentions = None
    if mark is not None:
        message.edited = {"user": mark, "ts": workspace.next_ts(channel)}
    _emit_changed(workspace, channel, message, before)
    _tell(workspace, "changed", message)


def _emit_changed(workspace: Workspace, channel: Channel, message: Message, before: Json) -> None:
    stamp = workspace.next_ts(channel)
    event: Json = {
        "type": "message", "subtype": "message_changed", "hidden": True, "channel": channel.id,
        "message": message_json(workspace, message), "previous_message": before,
        "ts": stamp, "event_ts": stamp, "channel_type": channel.kind,
    }  # fmt: skip
    workspace.emit(event, channel)


def delete(workspace: Workspace, message: Message) -> None:
    """Remove a message; a root with replies stays as a tombstone."""
    channel = workspace.channels[message.channel]
    before = message_json(workspace, message)
    if message.replies:
        message.deleted = message.tombstone = True
        channel.graveyard.append(message)
        _emit_changed(workspace, channel, message, before)
        _tell(workspace, "changed", message)
        return
    _bury(channel, message)
    _emit_deleted(workspace, channel, message, before)
    _tell_gone(workspace, message)
    root = channel.messages.get(message.thread_ts or "") if message.is_reply else None
    if root is not None:
        _tell(workspace, "changed", root)


def _bury(channel: Channel, message: Message) -> None:
    message.deleted = True
    del channel.messages[message.ts]
    channel.graveyard.append(message)
    _drop(channel.timeline, message.ts)
    root = channel.messages.get(message.thread_ts or "")
    if message.is_reply and root is not None and root.replies is not None:
        _drop(root.replies, message.ts)
        authors = dict.fromkeys(channel.messages[ts].author for ts in root.replies)
        root.reply_users = [author for author in authors if author]
        if not root.replies:
            root.thread_ts = root.ts if root.tombstone else None


def purge(workspace: Workspace, message: Message) -> None:
    """Remove a message, and with a root all its replies, as retention does: no event tells."""
    channel = workspace.channels[message.channel]
    gone = [channel.messages[ts] for ts in message.replies or ()]
    for each in [*gone, message]:
        _bury(channel, each)
        _tell_gone(workspace, each)


def _tell_gone(workspace: Workspace, message: Message) -> None:
    thread = message.thread_ts if message.is_reply else None
    gone: Json = {
        "type": "deleted", "channel": message.channel, "ts": message.ts, "thread_ts": thread,
    }  # fmt: skip
    workspace.feed.push(lambda: gone, channel=message.channel)


def tell_changed(workspace: Workspace, message: Message, before: Json | None = None) -> None:
    """Show a message as it is now in all clients; the app is told where it is said what it was."""
    if before is not None:
        _emit_changed(workspace, workspace.channels[message.channel], message, before)
    _tell(workspace, "changed", message)


def _drop(stamps: list[str], ts: str) -> None:
    place = bisect_left(stamps, ts)
    if place < len(stamps) and stamps[place] == ts:
        del stamps[place]


def _emit_deleted(workspace: Workspace, channel: Channel, message: Message, before: Json) -> None:
    stamp = workspace.next_ts(channel)
    event: Json = {
        "type": "message", "subtype": "message_deleted", "hidden": True, "channel": channel.id,
        "deleted_ts": message.ts, "previous_message": before, "ts": stamp, "event_ts": stamp,
        "channel_type": channel.kind,
    }  # fmt: skip
    workspace.emit(event, channel)


def react(workspace: Workspace, message: Message, user: str, name: str, *, on: bool) -> bool:
    """Add or take back a reaction; False when nothing changed."""
    reactions = message.reactions if message.reactions is not None else {}
    users = reactions.get(name, [])
    if (user in users) == on:
        return False
    users = [*users, user] if on else [other for other in users if other != user]
    reactions = {**reactions, name: users}
    message.reactions = {key: value for key, value in reactions.items() if value} or None
    _emit_reaction(workspace, message, user, name, on=on)
    _tell_reactions(workspace, message)
    return True


def _emit_reaction(
    workspace: Workspace, message: Message, user: str, name: str, *, on: bool
) -> None:
    channel = workspace.channels[message.channel]
    event: Json = {
        "type": "reaction_added" if on else "reaction_removed", "user": user, "reaction": name,
        "item": {"type": "message", "channel": channel.id, "ts": message.ts},
        "event_ts": workspace.next_ts(channel),
    }  # fmt: skip
    if message.user:
        event["item_user"] = message.user
    workspace.emit(event, channel)


def _tell_reactions(workspace: Workspace, message: Message) -> None:
    def render() -> Json:
        shown = client_message(workspace, message)
        out = {key: shown[key] for key in ("ts", "channel", "thread_ts", "reactions")}
        return {"type": "reaction", **out}

    workspace.feed.push(render, channel=message.channel)


def _tell(workspace: Workspace, kind: str, message: Message) -> None:
    def render() -> Json:
        shown = client_message(workspace, message)
        thread = shown["thread_ts"]
        return {"type": kind, "channel": message.channel, "thread_ts": thread, "message": shown}

    workspace.feed.push(render, channel=message.channel)


def post_ephemeral(workspace: Workspace, channel: Channel, user: str, draft: Message) -> Message:
    """Show a message to one person only; it is in no history and raises no event."""
    draft.ephemeral_to = user
    channel.ephemerals[(user, draft.ts)] = draft
    tell_ephemeral(workspace, draft)
    return draft


def tell_ephemeral(workspace: Workspace, message: Message) -> None:
    """Show or refresh an ephemeral message in its person's clients."""
    user = message.ephemeral_to

    def render() -> Json:
        shown = client_message(workspace, message)
        place = {"channel": message.channel, "thread_ts": message.thread_ts}
        return {"type": "ephemeral", "user": user, **place, "message": shown}

    workspace.feed.push(render, user=user)


def remove_ephemeral(workspace: Workspace, message: Message) -> None:
    """Take an ephemeral message away from its person."""
    user = message.ephemeral_to or ""
    workspace.channels[message.channel].ephemerals.pop((user, message.ts), None)
    gone: Json = {"type": "ephemeral_gone", "user": user, "ts": message.ts}
    workspace.feed.push(lambda: gone, user=user)


def restore(channel: Channel, message: Message) -> None:
    """Put a message of a saved state back in its place, telling nobody."""
    channel.messages[message.ts] = message
    if not message.is_reply or message.broadcast:
        insort(channel.timeline, message.ts)
