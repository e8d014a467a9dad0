"""Which events the app gets and which scopes its token carries, read from its manifest."""

from sandbox.slack.config import Json
from sandbox.slack.model import Channel

MESSAGE_KINDS = {
    "channel": "message.channels",
    "group": "message.groups",
    "im": "message.im",
    "mpim": "message.mpim",
}


class Subscriptions:
    """Without a manifest the app gets every event and has every scope."""

    def __init__(self, manifest: Json | None) -> None:
        settings = (manifest or {}).get("settings", {})
        wanted = settings.get("event_subscriptions", {})
        features = (manifest or {}).get("features", {})
        self._events = frozenset(wanted.get("bot_events", [])) if manifest is not None else None
        self._metadata = wanted.get("metadata_subscriptions", [])
        self._scopes = _scopes(manifest)
        self.commands: list[Json] = features.get("slash_commands", [])
        self.shortcuts: list[Json] = features.get("shortcuts", [])

    def wants(self, event: Json) -> bool:
        """True when the app subscribes to this inner event."""
        kind = event["type"]
        if kind == "message_metadata_posted":
            return self._wants_metadata(event)
        if self._events is None:
            return True
        if kind == "message":
            kind = MESSAGE_KINDS.get(event.get("channel_type", ""), kind)
        return kind in self._events

    def _wants_metadata(self, event: Json) -> bool:
        kinds = {entry.get("event_type") for entry in self._metadata}
        return event["metadata"]["event_type"] in kinds or "*" in kinds

    @property
    def scopes(self) -> tuple[str, ...] | None:
        """The granted bot scopes; None when everything is granted."""
        return self._scopes

    def lacks(self, needed: tuple[str, ...]) -> bool:
        """True when none of these alternative scopes is granted."""
        if self._scopes is None or not needed:
            return False
        return not any(scope in self._scopes for scope in needed)

    def has(self, scope: str) -> bool:
        """True when the scope is granted."""
        return self._scopes is None or scope in self._scopes


def _scopes(manifest: Json | None) -> tuple[str, ...] | None:
    if manifest is None:
        return None
    scopes = manifest.get("oauth_config", {}).get("scopes", {})
    return (*scopes.get("bot", []), *scopes.get("bot_optional", []))


def receives(channel: Channel | None, bot_user: str) -> bool:
    """The app hears only of channels that its bot user is a member of."""
    return channel is None or bot_user in channel.members
