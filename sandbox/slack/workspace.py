"""The workspace's records, look-ups and clock; changes to it live in `posting` and `membership`."""

import re
from collections.abc import Callable, Iterable

from sandbox.slack.config import Json, SandboxConfig
from sandbox.slack.feed import Feed
from sandbox.slack.ids import IdSource
from sandbox.slack.model import Channel, File, Message, User, UserGroup
from sandbox.slack.seed import northwind

Emit = Callable[[Json, Channel | None], None]


def _nobody_listens(_event: Json, _channel: Channel | None) -> None:
    """The outlet until an app is connected."""


class Workspace:
    """Everything a Slack workspace remembers, found by id without scanning.

    `emit` takes an inner event and the channel it happened in (None for workspace-wide ones);
    `feed` is what open clients hear.
    """

    def __init__(self, config: SandboxConfig, ids: IdSource) -> None:
        seed = northwind(config)
        self.config = config
        self.clock = config.clock
        self.ids = ids
        self.team = seed.team
        self.app = seed.app
        self.users: dict[str, User] = {user.id: user for user in seed.users}
        self.channels: dict[str, Channel] = {channel.id: channel for channel in seed.channels}
        self.groups: dict[str, UserGroup] = {group.id: group for group in seed.groups}
        self.files: dict[str, File] = {}
        self.feed = Feed()
        self.emit: Emit = _nobody_listens
        self.base_url = config.public_base_url.rstrip("/")
        self._ims: dict[str, str] = {}
        self._mention: re.Pattern[str] | None = None

    def now(self) -> int:
        """Whole seconds since the epoch."""
        return int(self.clock.time())

    def next_ts(self, channel: Channel) -> str:
        """A ts that this channel never had: later than each before, whatever the clock does."""
        micros = max(int(self.clock.time() * 1_000_000), channel.last_micros + 1)
        channel.last_micros = micros
        return f"{micros // 1_000_000}.{micros % 1_000_000:06d}"

    def message(self, channel_id: str, ts: str) -> Message | None:
        """The living message with that ts, or None."""
        channel = self.channels.get(channel_id)
        found = channel.messages.get(ts) if channel else None
        return None if found is None or found.deleted else found

    def channel_named(self, name: str) -> Channel | None:
        """The channel with that name (with or without `#`)."""
        wanted = name.removeprefix("#")
        return next((c for c in self.channels.values() if c.name == wanted and not c.im_user), None)

    def group_with_handle(self, handle: str) -> UserGroup | None:
        """The user group mentioned by that handle."""
        return next((g for g in self.groups.values() if g.handle == handle), None)

    def im_with(self, user_id: str) -> Channel:
        """The app's direct messages with a person, opened when they are not."""
        found = self._ims.get(user_id)
        if found is None:
            members = dict.fromkeys((user_id, self.app.bot_user))
            opened = Channel(
                self.ids.new("D"), "directmessage", self.now(), self.app.bot_user, members
            )
            opened.im_user = user_id
            self.channels[opened.id] = opened
            found = self._ims[user_id] = opened.id
        return self.channels[found]

    def add_channel(self, channel: Channel) -> None:
        """A channel that comes from elsewhere, such as a saved state."""
        self.channels[channel.id] = channel
        if channel.im_user is not None:
            self._ims[channel.im_user] = channel.id

    def add_user(self, user: User) -> None:
        """A new person; typed mentions find them from now on."""
        self.users[user.id] = user
        self._mention = None

    def user_named(self, name: str) -> User | None:
        """The person a typed `@name` means: display name, full name or handle."""
        folded = name.casefold()
        for user in self.users.values():
            if folded in (n.casefold() for n in (user.display_name, user.real_name, user.name)):
                return user
        return None

    def mention_pattern(self) -> re.Pattern[str]:
        """Matches `@` and a known person's or group's name, the longest first."""
        if self._mention is None:
            names = sorted(set(self._names()), key=len, reverse=True)
            known = "|".join(re.escape(name) for name in names)
            self._mention = re.compile(rf"@({known})(?![\w-])", re.IGNORECASE)
        return self._mention

    def _names(self) -> Iterable[str]:
        for user in self.users.values():
            yield from (user.display_name, user.real_name, user.name)
        for group in self.groups.values():
            yield group.handle

    def avatar(self, user_id: str) -> str:
        """The absolute address of somebody's picture."""
        return f"{self.base_url}/avatars/{user_id}.svg"
