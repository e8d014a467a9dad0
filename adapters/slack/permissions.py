"""What the app must be allowed, by what it does: the other side of `manifest.yml`.

A test proves both ways that the manifest asks for exactly this. Source: the methods' and events'
pages on docs.slack.dev/reference.
"""

from __future__ import annotations

from collections.abc import Mapping

METHODS: Mapping[str, frozenset[str]] = {
    "apps.connections.open": frozenset(),  # connections:write, of the app-level token
    "auth.test": frozenset(),
    "chat.postMessage": frozenset({"chat:write", "chat:write.customize"}),  # under a user's name
    "chat.postEphemeral": frozenset({"chat:write"}),
    "chat.update": frozenset({"chat:write"}),
    "chat.delete": frozenset({"chat:write"}),
    "files.completeUploadExternal": frozenset({"files:write"}),
    "files.getUploadURLExternal": frozenset({"files:write"}),
    "files.info": frozenset({"files:read"}),
    "reactions.add": frozenset({"reactions:write"}),
    "reactions.remove": frozenset({"reactions:write"}),
    "conversations.history": frozenset(
        {"channels:history", "groups:history", "metadata.message:read"}
    ),
    "conversations.info": frozenset({"channels:read", "groups:read"}),
    "conversations.replies": frozenset(
        {"channels:history", "groups:history", "metadata.message:read"}
    ),
    "conversations.members": frozenset({"channels:read", "groups:read"}),
    "usergroups.users.list": frozenset({"usergroups:read"}),
    "users.getPresence": frozenset({"users:read"}),
    "users.info": frozenset({"users:read"}),
    "views.open": frozenset(),
    "views.push": frozenset(),
    "views.update": frozenset(),
    "views.publish": frozenset(),
}
"""Every method that the desk calls."""

EVENTS: Mapping[str, frozenset[str]] = {
    "message.channels": frozenset({"channels:history"}),
    "message.groups": frozenset({"groups:history"}),
    "reaction_added": frozenset({"reactions:read"}),
    "reaction_removed": frozenset({"reactions:read"}),
    "member_joined_channel": frozenset({"channels:read", "groups:read"}),
    "member_left_channel": frozenset({"channels:read", "groups:read"}),
    "user_change": frozenset({"users:read"}),
    "app_home_opened": frozenset(),
}
"""Every event that the desk listens to; messages come by `ear.py`, the others by `listeners.py`."""

SHORTCUTS = ("handoff", "add_note")
"""Every shortcut, both on messages; they need the scope `commands`."""

COMMANDS = ("/assign", "/resolve", "/pause", "/resume", "/desk")
"""Every slash command; they need the scope `commands`."""


def needed() -> frozenset[str]:
    """All scopes of the bot's token."""
    return frozenset({"commands"}).union(*METHODS.values(), *EVENTS.values())
