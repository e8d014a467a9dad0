"""Slack's limits of calls: by method and tier, and one post a second and channel.

Tiers are calls a minute, method and workspace. Slack tells the least it allows and no burst; here
a minute's worth may come at once. https://docs.slack.dev/apis/web-api/rate-limits
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

ROUNDING = 1e-6
MINUTE = 60.0
TIER_1, TIER_2, TIER_3, TIER_4 = 1, 20, 50, 100
POSTS = 300
"""chat.postMessage: "several hundred" a minute and workspace, beside one a second and channel."""
SPECIAL = 600
"""auth.test, chat.getPermalink: "hundreds" a minute."""
BY_TIER: Mapping[int, str] = MappingProxyType(
    {
        TIER_1: "",
        TIER_2: "conversations.list conversations.create conversations.archive "
        "conversations.unarchive conversations.rename users.list usergroups.list "
        "conversations.setTopic "
        "usergroups.users.list reactions.remove dnd.teamInfo emoji.list users.setPresence",
        TIER_3: "chat.update chat.delete chat.meMessage conversations.replies "
        "conversations.history conversations.info conversations.open conversations.join "
        "conversations.leave conversations.invite conversations.kick users.getPresence "
        "users.lookupByEmail reactions.add reactions.get dnd.info team.info bots.info files.list "
        "files.delete auth.revoke apps.connections.open",
        TIER_4: "chat.postEphemeral conversations.members users.info users.profile.get "
        "views.open views.push views.update views.publish files.getUploadURLExternal "
        "files.completeUploadExternal files.info api.test",
        POSTS: "chat.postMessage",
        SPECIAL: "auth.test chat.getPermalink",
    }
)
PER_MINUTE: Mapping[str, int] = MappingProxyType(
    {method: most for most, methods in BY_TIER.items() for method in methods.split()}
)


@dataclass(slots=True)
class ChannelLimit:
    """A token bucket for each key (GCRA), such as one message a second and channel."""

    rate: float
    burst: int
    _due: dict[str, float] = field(default_factory=dict)

    def take(self, channel: str, now: float) -> float:
        """0.0 when the post is allowed, else seconds until one is."""
        step = 1.0 / self.rate
        due = max(self._due.get(channel, 0.0), now)
        wait = due + step - now - self.burst * step
        if wait > ROUNDING:
            return wait
        self._due[channel] = due + step
        return 0.0


class MethodLimits:
    """Buckets of different sizes by key."""

    def __init__(self) -> None:
        self._buckets: dict[str, ChannelLimit] = {}

    def take(self, key: str, now: float, *, rate: float, burst: int) -> float:
        """0.0 when another one is allowed, else seconds until it is."""
        bucket = self._buckets.setdefault(key, ChannelLimit(rate, burst))
        return bucket.take(key, now)

    def take_method(self, method: str, now: float, per_minute: int | None = None) -> float:
        """The same for a method by its tier (or by so many a minute)."""
        most = per_minute or PER_MINUTE.get(method, TIER_3)
        return self.take(method, now, rate=most / MINUTE, burst=most)
