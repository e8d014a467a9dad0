"""Joining, leaving, archiving and renaming channels, and changes of people, with their events."""

from sandbox.slack.config import Json
from sandbox.slack.feed import Render
from sandbox.slack.model import Channel, Message, User
from sandbox.slack.posting import post
from sandbox.slack.render import user_json
from sandbox.slack.ui_render import client_channel
from sandbox.slack.workspace import Workspace


def join(workspace: Workspace, channel: Channel, user: str) -> bool:
    """Make somebody a member; False when they are."""
    if user in channel.members:
        return False
    channel.members[user] = None
    member = workspace.users[user]
    channel.is_ext_shared = channel.is_ext_shared or member.is_stranger
    event: Json = {
        "type": "member_joined_channel", "user": user, "channel": channel.id,
        "channel_type": "G" if channel.is_private else "C", "team": member.team_id,
        "event_ts": workspace.next_ts(channel),
    }  # fmt: skip
    workspace.emit(event, channel)
    _say(workspace, channel, user, "channel_join", f"<@{user}> has joined the channel")
    tell_channel(workspace, channel)
    return True


def leave(workspace: Workspace, channel: Channel, user: str) -> bool:
    """End a membership; False when there was none. The app hears of its own leaving too."""
    if user not in channel.members:
        return False
    stamp = workspace.next_ts(channel)
    kind = "G" if channel.is_private else "C"
    event: Json = {
        "type": "member_left_channel", "user": user, "channel": channel.id, "channel_type": kind,
        "team": workspace.team.id, "event_ts": stamp,
    }  # fmt: skip
    workspace.emit(event, channel)
    del channel.members[user]
    if user == workspace.app.bot_user:
        gone = {"channel": channel.id, "actor_id": user, "event_ts": stamp}
        workspace.emit(
            {"type": "group_left" if channel.is_private else "channel_left", **gone}, None
        )
    _say(workspace, channel, user, "channel_leave", f"<@{user}> has left the channel")
    tell_channel(workspace, channel)
    return True


def _say(workspace: Workspace, channel: Channel, user: str, subtype: str, text: str) -> None:
    stamp = workspace.next_ts(channel)
    post(workspace, channel, Message(stamp, channel.id, text, user=user, subtype=subtype))


def archive(workspace: Workspace, channel: Channel, user: str, *, on: bool) -> None:
    """Archive a channel or bring it back."""
    if on:
        _say(workspace, channel, user, "channel_archive", f"<@{user}> archived the channel")
    channel.is_archived = on
    prefix = "group" if channel.is_private else "channel"
    event: Json = {
        "type": f"{prefix}_{'archive' if on else 'unarchive'}", "channel": channel.id, "user": user,
        "event_ts": workspace.next_ts(channel),
    }  # fmt: skip
    workspace.emit(event, channel)
    tell_channel(workspace, channel)


def rename(workspace: Workspace, channel: Channel, name: str, user: str) -> None:
    """Give a channel another name."""
    words = f'<@{user}> has renamed the channel from "{channel.name}" to "{name}"'
    channel.name = name
    _say(workspace, channel, user, "channel_name", words)
    prefix = "group" if channel.is_private else "channel"
    about = {"id": channel.id, "name": name, "created": channel.created}
    event: Json = {
        "type": f"{prefix}_rename", "channel": about, "event_ts": workspace.next_ts(channel),
    }  # fmt: skip
    workspace.emit(event, channel)
    tell_channel(workspace, channel)


def convert(workspace: Workspace, channel: Channel, user: str, *, private: bool) -> None:
    """Make a channel private or public. Its id stays; its events are called otherwise then."""
    kind = "private" if private else "public"
    channel.is_private = private
    words = f"<@{user}> made this channel {kind}"
    _say(workspace, channel, user, f"channel_convert_to_{kind}", words)
    tell_channel(workspace, channel)


def set_topic(workspace: Workspace, channel: Channel, user: str, topic: str) -> None:
    """Say what a channel is about."""
    channel.topic = topic
    _say(workspace, channel, user, "channel_topic", f"<@{user}> set the channel topic: {topic}")
    tell_channel(workspace, channel)


def create(workspace: Workspace, name: str, user: str, *, private: bool = False) -> Channel:
    """A new channel with one member."""
    channel = Channel(workspace.ids.new("C"), name, workspace.now(), user, {user: None})
    channel.is_private = private
    workspace.channels[channel.id] = channel
    about: Json = {
        "id": channel.id, "name": name, "created": channel.created, "creator": user,
    }  # fmt: skip
    if not private:
        stamp = workspace.next_ts(channel)
        workspace.emit({"type": "channel_created", "channel": about, "event_ts": stamp}, None)
    tell_channel(workspace, channel)
    return channel


def delete_channel(workspace: Workspace, channel: Channel, user: str) -> None:
    """Remove a channel with everything in it."""
    prefix = "group" if channel.is_private else "channel"
    event: Json = {
        "type": f"{prefix}_deleted", "channel": channel.id, "actor_id": user,
        "event_ts": workspace.next_ts(channel),
    }  # fmt: skip
    workspace.emit(event, channel)
    del workspace.channels[channel.id]
    gone: Json = {"type": "channel_gone", "channel": channel.id}
    workspace.feed.push(lambda: gone)


def change_user(workspace: Workspace, user: User) -> None:
    """Tell that a person's record changed."""
    event: Json = {
        "type": "user_change", "user": user_json(workspace, user), "cache_ts": workspace.now(),
        "event_ts": f"{workspace.now()}.000100",
    }  # fmt: skip
    workspace.emit(event, None)


def set_presence(workspace: Workspace, user: User, presence: str) -> None:
    """Set active or away; apps are not told (Slack has no such event), clients are."""
    user.presence = presence
    change: Json = {"type": "presence", "user": user.id, "presence": presence}
    workspace.feed.push(lambda: change)


def tell_channel(workspace: Workspace, channel: Channel) -> None:
    """Show a channel's new state in all clients, as each person sees it."""
    told = channel.members if channel.im_user is not None else workspace.users
    for user in told:
        workspace.feed.push(_channel_change(workspace, channel, user), user=user)


def _channel_change(workspace: Workspace, channel: Channel, user: str) -> Render:
    return lambda: {"type": "channel", "channel": client_channel(workspace, channel, user)}
