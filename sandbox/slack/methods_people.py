"""users.*, usergroups.* and reactions.* methods."""

from types import MappingProxyType

from sandbox.slack import posting
from sandbox.slack.config import Json
from sandbox.slack.core import Sandbox
from sandbox.slack.emoji import canonical
from sandbox.slack.errors import SlackError
from sandbox.slack.method import Method, known_channel, message_of, must_be_member, page, user_of
from sandbox.slack.model import Message
from sandbox.slack.render import group_json, message_json, profile_json, user_json
from sandbox.slack.wire import Call

MAX_REACTIONS = 23


def _with_email(box: Sandbox) -> bool:
    return box.subscriptions.has("users:read.email")


def user_info(box: Sandbox, call: Call) -> Json:
    """One person."""
    user = user_of(box, call)
    shown = user_json(box.workspace, user, email=_with_email(box))
    if call.flag("include_locale"):
        shown["locale"] = user.locale
    return {"user": shown}


def user_list(box: Sandbox, call: Call) -> Json:
    """Everybody, bots included."""
    found = list(box.workspace.users.values())
    picked, meta = page(found, call, lambda user: user.id, kind="user", default=1000, most=1000)
    members = [user_json(box.workspace, user, email=_with_email(box)) for user in picked]
    return {"members": members, "cache_ts": box.workspace.now(), "response_metadata": meta}


def presence(box: Sandbox, call: Call) -> Json:
    """Active or away; the app's own presence without a `user`."""
    if call.text("user") is None:
        return {"presence": "active", "online": True}
    return {"presence": user_of(box, call).presence}


def profile(box: Sandbox, call: Call) -> Json:
    """A person's profile."""
    user = user_of(box, call)
    return {"profile": profile_json(box.workspace, user, email=_with_email(box))}


def by_email(box: Sandbox, call: Call) -> Json:
    """The person with that address."""
    email = call.need("email").lower()
    for user in box.workspace.users.values():
        if user.email.lower() == email:
            return {"user": user_json(box.workspace, user)}
    raise SlackError("users_not_found")


def group_list(box: Sandbox, call: Call) -> Json:
    """All user groups."""
    users = call.flag("include_users")
    groups = box.workspace.groups.values()
    return {"usergroups": [group_json(box.workspace, group, users=users) for group in groups]}


def group_users(box: Sandbox, call: Call) -> Json:
    """The members of a user group."""
    group = box.workspace.groups.get(call.need("usergroup"))
    if group is None:
        raise SlackError("no_such_subteam")
    return {"users": group.users}


def _target(box: Sandbox, call: Call) -> Message:
    if call.text("channel") is None or call.text("timestamp") is None:
        raise SlackError("no_item_specified")
    channel = known_channel(box, call)
    must_be_member(box, channel)
    if channel.is_archived:
        raise SlackError("is_archived")
    return message_of(channel, call.need("timestamp"))


def _emoji(call: Call) -> str:
    name = canonical(call.need("name"))
    if name is None:
        raise SlackError("invalid_name")
    return name


def add_reaction(box: Sandbox, call: Call) -> Json:
    """React to a message."""
    message, name = _target(box, call), _emoji(call)
    reactions = message.reactions or {}
    if name not in reactions and len(reactions) >= MAX_REACTIONS:
        raise SlackError("too_many_emoji")
    if not posting.react(box.workspace, message, box.workspace.app.bot_user, name, on=True):
        raise SlackError("already_reacted")
    return {}


def remove_reaction(box: Sandbox, call: Call) -> Json:
    """Take a reaction of the app back."""
    message, name = _target(box, call), _emoji(call)
    if not posting.react(box.workspace, message, box.workspace.app.bot_user, name, on=False):
        raise SlackError("no_reaction")
    return {}


def get_reactions(box: Sandbox, call: Call) -> Json:
    """A message with its reactions."""
    message = _target(box, call)
    shown = message_json(box.workspace, message)
    return {"type": "message", "channel": message.channel, "message": shown}


METHODS = MappingProxyType(
    {
        "users.info": Method(user_info, ("users:read",)),
        "users.list": Method(user_list, ("users:read",)),
        "users.getPresence": Method(presence, ("users:read",)),
        "users.profile.get": Method(profile, ("users.profile:read", "users:read")),
        "users.lookupByEmail": Method(by_email, ("users:read.email",)),
        "usergroups.list": Method(group_list, ("usergroups:read",)),
        "usergroups.users.list": Method(group_users, ("usergroups:read",)),
        "reactions.add": Method(add_reaction, ("reactions:write",)),
        "reactions.remove": Method(remove_reaction, ("reactions:write",)),
        "reactions.get": Method(get_reactions, ("reactions:read",)),
    }
)
