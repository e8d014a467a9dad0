"""users.*, usergroups.* and reactions.* methods."""

from types import MappingProxyType

from sandbox.slack import membership, posting
from sandbox.slack.config import Json
from sandbox.slack.core import Sandbox
from sandbox.slack.emoji import canonical
from sandbox.slack.errors import SlackError
from sandbox.slack.method import Method, known_channel, message_of, must_be_member, page, user_of
from sandbox.slack.model import Message, User
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
        own = box.workspace.users[box.workspace.app.bot_user].presence
        return {"presence": own, "online": own == "active"}
    return {"presence": user_of(box, call).presence}


def set_presence(box: Sandbox, call: Call) -> Json:
    """The app's own presence: `auto` (active) or `away`."""
    wanted = {"auto": "active", "away": "away"}.get(call.text("presence") or "")
    if wanted is None:
        raise SlackError("invalid_presence")
    app = box.workspace.users[box.workspace.app.bot_user]
    membership.set_presence(box.workspace, app, wanted)
    return {}


def _dnd(box: Sandbox, user: User) -> Json:
    """Without a pause Slack names moments far in the past or near 1; here 1."""
    paused = user.dnd_until > box.workspace.now()
    start = box.workspace.now() if paused else 1
    end = user.dnd_until if paused else 1
    return {"dnd_enabled": paused, "next_dnd_start_ts": start, "next_dnd_end_ts": end}


def dnd_info(box: Sandbox, call: Call) -> Json:
    """Whether somebody paused their notifications, and until when."""
    return _dnd(box, user_of(box, call))


def dnd_team(box: Sandbox, call: Call) -> Json:
    """The same for several; who is unknown is left out."""
    users = box.workspace.users
    wanted = [user for user in (call.text("users") or "").split(",") if user in users]
    return {"users": {user: _dnd(box, users[user]) for user in wanted}, "cached": False}


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
        "users.setPresence": Method(set_presence, ("users:write",)),
        "dnd.info": Method(dnd_info, ("dnd:read",)),
        "dnd.teamInfo": Method(dnd_team, ("dnd:read",)),
        "users.profile.get": Method(profile, ("users.profile:read", "users:read")),
        "users.lookupByEmail": Method(by_email, ("users:read.email",)),
        "usergroups.list": Method(group_list, ("usergroups:read",)),
        "usergroups.users.list": Method(group_users, ("usergroups:read",)),
        "reactions.add": Method(add_reaction, ("reactions:write",)),
        "reactions.remove": Method(remove_reaction, ("reactions:write",)),
        "reactions.get": Method(get_reactions, ("reactions:read",)),
    }
)
