"""conversations.* methods that change channels, as an app with `channels:manage` uses them."""

import re
from types import MappingProxyType

from sandbox.slack import membership
from sandbox.slack.config import Json
from sandbox.slack.core import Sandbox
from sandbox.slack.errors import SlackError
from sandbox.slack.method import Method, known_channel, must_be_member
from sandbox.slack.model import Channel
from sandbox.slack.render import channel_json
from sandbox.slack.wire import Call

MANAGE = ("channels:manage", "groups:write")
INVITE = ("channels:manage", "groups:write", "channels:write.invites", "groups:write.invites")
TOPIC = ("channels:manage", "groups:write", "channels:write.topic", "groups:write.topic")
NAME = re.compile(r"^[\w-]{1,80}$")
TOPIC_LENGTH = 250


def _name(box: Sandbox, call: Call) -> str:
    name = call.text("name")
    if name is None:
        raise SlackError("invalid_name_required")
    if not NAME.match(name) or name != name.lower():
        raise SlackError("invalid_name_specials")
    if box.workspace.channel_named(name) is not None:
        raise SlackError("name_taken")
    return name


def _open_channel(box: Sandbox, call: Call) -> Channel:
    """A living channel that the app is in."""
    channel = known_channel(box, call)
    if channel.im_user is not None:
        raise SlackError("method_not_supported_for_channel_type")
    must_be_member(box, channel)
    if channel.is_archived:
        raise SlackError("is_archived")
    return channel


def create(box: Sandbox, call: Call) -> Json:
    """A new channel, with the app in it."""
    bot, private = box.workspace.app.bot_user, call.flag("is_private")
    channel = membership.create(box.workspace, _name(box, call), bot, private=private)
    return {"channel": channel_json(box.workspace, channel)}


def archive(box: Sandbox, call: Call) -> Json:
    """Close a channel for all."""
    channel = known_channel(box, call)
    if channel.is_archived:
        raise SlackError("already_archived")
    if channel.name == "general":
        raise SlackError("cant_archive_general")
    must_be_member(box, channel)
    membership.archive(box.workspace, channel, box.workspace.app.bot_user, on=True)
    return {}


def unarchive(box: Sandbox, call: Call) -> Json:
    """Open an archived channel again."""
    channel = known_channel(box, call)
    if not channel.is_archived:
        raise SlackError("not_archived")
    membership.archive(box.workspace, channel, box.workspace.app.bot_user, on=False)
    return {}


def rename(box: Sandbox, call: Call) -> Json:
    """Give a channel another name."""
    channel = _open_channel(box, call)
    membership.rename(box.workspace, channel, _name(box, call), box.workspace.app.bot_user)
    return {"channel": channel_json(box.workspace, channel)}


def invite(box: Sandbox, call: Call) -> Json:
    """Add people."""
    channel = _open_channel(box, call)
    wanted = [user for user in call.need("users").split(",") if user]
    if any(user not in box.workspace.users for user in wanted):
        raise SlackError("user_not_found")
    if box.workspace.app.bot_user in wanted:
        raise SlackError("cant_invite_self")
    added = [user for user in wanted if membership.join(box.workspace, channel, user)]
    if not added:
        raise SlackError("already_in_channel")
    return {"channel": channel_json(box.workspace, channel)}


def kick(box: Sandbox, call: Call) -> Json:
    """Take somebody out."""
    channel, user = _open_channel(box, call), call.need("user")
    if user == box.workspace.app.bot_user:
        raise SlackError("cant_kick_self")
    if user not in box.workspace.users:
        raise SlackError("user_not_found")
    if not membership.leave(box.workspace, channel, user):
        raise SlackError("not_in_channel")
    return {"errors": {}}


def set_topic(box: Sandbox, call: Call) -> Json:
    """Say what a channel is about now."""
    channel, topic = _open_channel(box, call), call.text("topic") or ""
    if len(topic) > TOPIC_LENGTH:
        raise SlackError("too_long")
    membership.set_topic(box.workspace, channel, box.workspace.app.bot_user, topic)
    return {"channel": channel_json(box.workspace, channel)}


METHODS = MappingProxyType(
    {
        "conversations.create": Method(create, MANAGE),
        "conversations.archive": Method(archive, MANAGE),
        "conversations.unarchive": Method(unarchive, MANAGE),
        "conversations.rename": Method(rename, MANAGE),
        "conversations.invite": Method(invite, INVITE),
        "conversations.kick": Method(kick, MANAGE),
        "conversations.setTopic": Method(set_topic, TOPIC),
    }
)
