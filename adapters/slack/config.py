"""What the Slack desk needs of the settings, and no more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bridge.actions import NONE, Actions
from bridge.beyond import Way
from bridge.goals import missed
from bridge.hours import ALWAYS, Hours
from bridge.labels import ANY, Labels
from bridge.model import Agent, Awaiting, Micros
from bridge.policies import goals
from bridge.queues import DEFAULT, Default, Goals, Routing, WrapUp
from bridge.settings_actions import made
from bridge.settings_agents import AgentSettings
from bridge.settings_alerts import AlertSettings
from bridge.settings_approvals import ApprovalSettings
from bridge.settings_hours import HoursSettings, hours_of
from bridge.settings_sections import (
    Attribute,
    HandoffSettings,
    LabelSettings,
    ProfileSettings,
    QueueSettings,
    ReplySettings,
)
from bridge.templates import WORD, Templates
from bridge.views import View

DEFAULT_API_URL = "https://slack.com/api/"


@dataclass(frozen=True, slots=True)
class QueuePlace:
    """A queue as Slack has it: its channel, and its members where they are named (ids of people and
    of user groups); else all who are in the channel. `notes_first`: only `!r` sends."""

    name: str
    channel: str
    members: frozenset[str] = frozenset()
    hours: Hours = ALWAYS
    goals: Goals = field(default_factory=Goals)
    notes_first: bool = False
    wrap_up: WrapUp = field(default_factory=WrapUp)
    capacity: int = 0
    """Of each of its agents; zero: it gives nothing out by itself."""
    notify: str = ""
    """Whom it calls; none: as the desk."""


@dataclass(frozen=True, slots=True)
class Staff:
    """Who may do more than an agent (ids of people and of user groups; nobody named: everybody),
    by what name and picture users know single agents, and of whom the capacity is their own."""

    supervisors: frozenset[str] = frozenset()
    admins: frozenset[str] = frozenset()
    shown: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    capacities: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Any) -> Staff:
        """`settings` are those of `[agents]`."""
        shown = {each.id: (each.name, each.avatar_url) for each in settings.people}
        own = {each.id: each.capacity for each in settings.people if each.capacity}
        return cls(frozenset(settings.supervisors), frozenset(settings.admins), shown, own)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackConfig:
    """`send_timeout` in seconds; `posts_per_second` of one channel, zero means no limit of ours;
    `alerts_private` keeps users' words out of notifications.

    Events come over HTTP when there is a `signing_secret`, over `connections` sockets when there is
    an `app_token`. `sweep_every` in seconds, zero for never. `listed` are the queues of the
    settings; `channel` is that of all that name none.
    """

    bot_token: str
    signing_secret: str
    channel: str
    app_token: str = ""
    connections: int = 2
    sweep_every: float = 60.0
    api_url: str = DEFAULT_API_URL
    send_timeout: float = 10.0
    posts_per_second: float = 1.0
    alerts_private: bool = False
    listed: tuple[QueuePlace, ...] = ()
    staff: Staff = field(default_factory=Staff)
    templates: Templates = field(default_factory=Templates)
    actions: Actions = NONE
    labels: Labels = ANY
    ways: tuple[Way, ...] = ()
    """From a profile into other systems."""
    profile: tuple[Attribute, ...] = ()
    """Which of a customer's attributes are shown; none: all of them."""
    watches_presence: bool = False
    """Whether who is active in Slack is online."""
    approvals_channel: str = ""
    """Where drafts are decided about that are in no thread; none: `channel`."""
    notify: str = ""
    """Whom the desk calls, where a queue calls nobody else."""
    hand_back_after: float = 0.0
    """Seconds until what waits for one who is away goes back to a queue that gives handoffs out."""
    may_delete: bool = False
    """Whether anybody may delete a conversation."""

    @property
    def never(self) -> tuple[str, ...]:
        """Verbs that no menu offers, since the settings leave nothing for them to do."""
        off = {WORD: not self.templates, "delete": not self.may_delete}
        return tuple(name for name, is_off in off.items() if is_off)

    @property
    def queues(self) -> tuple[QueuePlace, ...]:
        return self.listed or (QueuePlace(DEFAULT, self.channel),)

    @property
    def channels(self) -> frozenset[str]:
        """All that are the desk's."""
        return frozenset({self.channel, *(queue.channel for queue in self.queues)})

    def channel_of(self, queue: str) -> str:
        """Where handoffs of that queue are; a name that nobody knows is the default one's."""
        return self.queue(queue).channel

    def room_of(self, agent: Agent) -> int:
        """How many conversations they are given; zero: none of their queues gives any out."""
        given = [each.capacity for each in self.queues if agent.serves(each.name)]
        return max(given, default=0) and (self.staff.capacities.get(agent.id) or max(given))

    def back_after(self, agent: Agent) -> float:
        """The same in minutes, of an agent; zero: none of their queues gives any out."""
        return self.hand_back_after / 60 if self.room_of(agent) else 0.0

    def channels_of(self, agent: Agent) -> tuple[str, ...]:
        """Where what is theirs to take appears."""
        return tuple(dict.fromkeys(q.channel for q in self.queues if agent.serves(q.name)))

    def missed(self, view: View, now: Micros) -> Micros:
        """The goal that the user's wait is past; zero: it is not, or nobody waits."""
        handoff, since = view.handoff, view.conversation.awaiting_since
        if not (since and handoff.is_open and view.conversation.awaiting is Awaiting.AGENT):
            return 0
        return missed(self.queue(handoff.queue), handoff, since, now)

    def queue(self, name: str) -> QueuePlace:
        """As with its channel."""
        found = {each.name: each for each in self.queues}
        return found.get(name) or found.get(DEFAULT) or QueuePlace(DEFAULT, self.channel)


def from_settings(settings: Any) -> SlackConfig | None:
    """None when this process has no Slack: token or channel are not set, or there is no way in."""
    token, secret, app_token, channel = (
        plain(getattr(settings, f"slack_{name}", None))
        for name in ("bot_token", "signing_secret", "app_token", "channel")
    )
    if not (token and channel and (secret or app_token)):
        return None
    agents: AgentSettings = getattr(settings, "agents", AgentSettings())
    queues: tuple[QueueSettings, ...] = getattr(settings, "queues", ())
    return SlackConfig(
        bot_token=token,
        signing_secret=secret,
        channel=channel,
        app_token=app_token,
        connections=int(getattr(settings, "slack_connections", 2)),
        sweep_every=float(getattr(settings, "slack_sweep_every", 60.0)),
        api_url=_with_slash(plain(getattr(settings, "slack_api_url", "")) or DEFAULT_API_URL),
        send_timeout=float(getattr(settings, "delivery_timeout", 10.0)),
        posts_per_second=float(getattr(settings, "slack_posts_per_second", 1.0)),
        alerts_private=bool(getattr(settings, "alerts_private", False)),
        listed=tuple(
            QueuePlace(
                each.name,
                each.slack_channel or channel,
                frozenset(each.members),
                hours_of(each.hours, getattr(settings, "hours", HoursSettings())),
                goals(each.goals, getattr(settings, "handoff", HandoffSettings()).goals),
                (each.reply or _replies(settings).default) is Default.NOTE,
                each.wrap_up(getattr(settings, "labels", LabelSettings()).names),
                _capacity(each, agents),
                each.notify,
            )
            for each in queues
        ),
        staff=Staff.of(agents),
        profile=getattr(settings, "profile", ProfileSettings()).attributes,
        approvals_channel=getattr(settings, "approvals", ApprovalSettings()).slack_channel,
        notify=getattr(settings, "alerts", AlertSettings()).notify,
        watches_presence=agents.presence == "slack",
        hand_back_after=agents.hand_back_after,
        may_delete=agents.may_delete,
        templates=settings.templates.made() if hasattr(settings, "templates") else Templates(),
        actions=made(getattr(settings, "actions", ())),
        labels=getattr(settings, "labels", LabelSettings()).made(queues),
        ways=_ways(getattr(settings, "profile", None)),
    )


def _capacity(queue: QueueSettings, agents: AgentSettings) -> int:
    return 0 if queue.routing is Routing.MANUAL else queue.capacity or agents.capacity


def _ways(profile: Any) -> tuple[Way, ...]:
    return tuple(Way(each.label, each.url) for each in profile.links) if profile else ()


def _replies(settings: Any) -> ReplySettings:
    found: ReplySettings = getattr(settings, "replies", ReplySettings())
    return found


def plain(value: Any) -> str:
    """A setting's text, be it a secret (which shows itself only when asked) or not."""
    reveal = getattr(value, "get_secret_value", None)
    return str(reveal() if reveal else value or "").strip()


def _with_slash(url: str) -> str:
    return url if url.endswith("/") else f"{url}/"
