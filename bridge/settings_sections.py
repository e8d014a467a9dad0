"""The sections of `deskbridge.toml`, each a frozen model of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, model_validator

from bridge import beyond
from bridge.labels import Labels
from bridge.leaks import EVERYTHING, INTERNAL_HOSTS, Leak
from bridge.model import Priority
from bridge.policy import OnMention
from bridge.queues import DEFAULT, Default, Routing, WrapUp
from bridge.settings_actions import ActionSettings
from bridge.settings_agents import AgentSettings
from bridge.settings_alerts import AlertSettings
from bridge.settings_approvals import ApprovalSettings
from bridge.settings_audit import AuditSettings
from bridge.settings_email import EmailSettings
from bridge.settings_hours import HoursSettings
from bridge.settings_prechat import PrechatForm
from bridge.settings_templates import TemplateSettings
from bridge.settings_triggers import TriggerSettings
from bridge.settings_types import (
    BotSecret,
    Called,
    Customer,
    HostName,
    HttpUrl,
    LabelName,
    LanguageCode,
    MemberId,
    Name,
    Network,
    OutcomeName,
    Pattern,
    Section,
    words,
)
from bridge.texts import NO_BOT, Occasion, fault_in

COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


def _occasion(name: str) -> str:
    known = [f"{occasion}{suffix}" for occasion in Occasion for suffix in ("", NO_BOT)]
    if name not in known:
        near = get_close_matches(name, known, n=1)
        meant = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(known)}"
        raise ValueError(f"{name} is no occasion{meant}")
    return name


def _colour(value: str) -> str:
    if value and not COLOUR.fullmatch(value):
        raise ValueError("must be #rrggbb, such as #2b59d9")
    return value


def _private(value: Any) -> Any:
    """Networks, or all there are."""
    if isinstance(value, bool):
        return ("0.0.0.0/0", "::/0") if value else ()
    return words(value)


def _way(value: str) -> str:
    if fault := beyond.fault_in(value):
        raise ValueError(fault)
    return value


def _sayable(messages: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    told = (
        f"{occasion}.{language}: {fault}"
        for occasion, texts in messages.items()
        for language, text in texts.items()
        if (fault := fault_in(occasion, text))
    )
    if faults := "; ".join(told):
        raise ValueError(faults)
    return messages


OccasionName = Annotated[str, AfterValidator(_occasion)]
Messages = Annotated[dict[OccasionName, dict[str, str]], AfterValidator(_sayable)]
"""The desk's own words, by occasion and language."""
UndoSeconds = Annotated[float, Field(ge=0, le=60)]


class BotSettings(Section):
    """One `[[bots]]`; BOT_URL and BOT_SECRET make the one called `default`."""

    id: Name = "default"
    url: HttpUrl
    secret: BotSecret
    channels: tuple[str, ...] = ()
    """The channels it serves; none named: all that no other bot names."""
    patience: Annotated[float, Field(gt=0, le=600)] = 30.0
    """Seconds without an answer until a human is called."""


class GoalSettings(Section):
    """Seconds, inside the hours; 0: none."""

    first_reply: Annotated[float, Field(ge=0)] = 120.0
    """From the handoff to the first answer."""
    next_reply: Annotated[float, Field(ge=0)] = 300.0
    """From a customer's message to the next answer."""
    resolution: Annotated[float, Field(ge=0)] = 0.0
    """From the handoff to its end."""


class QueueSettings(Section):
    """One `[[queues]]`; the one called `default` is there without it, too."""

    name: Name
    slack_channel: str = ""
    """Where its threads are; none: that of SLACK_CHANNEL."""
    members: tuple[MemberId, ...] = ()
    """People, user groups; none named: the full members of the workspace in its channel."""
    labels: tuple[LabelName, ...] = ()
    """A handoff with one of these comes here, unless its bot names a queue."""
    languages: tuple[LanguageCode, ...] = ()
    """And so does one of a customer with one of these languages."""
    priority: Priority = Priority.NORMAL
    """Of its handoffs, unless the bot says another."""
    notify: Called = ""
    """Who is called when nobody takes one; none: as `[alerts]` says."""
    routing: Routing = Routing.MANUAL
    """Whether its handoffs are taken, or given to somebody."""
    capacity: Annotated[int, Field(ge=0)] = 0
    """Who has as many conversations is given none; 0: that of `[agents]`."""
    sticky_days: Annotated[float, Field(ge=0)] = 7.0
    """Within which a customer comes back to who had them last; 0: never."""
    hours: HoursSettings | None = None
    """When it is open; what it does not say is as `[hours]` says."""
    messages: Messages = Field(default_factory=dict)
    """Its own texts, before those of `[messages]`."""
    goals: GoalSettings | None = None
    """What it does not say is as `[handoff.goals]` says."""
    require_labels: bool | tuple[LabelName, ...] = False
    """Whether a handoff needs a label before it is resolved, or one of these."""
    outcomes: tuple[OutcomeName, ...] = ()
    """Of which its reason must be one; none named: any, or none."""
    reply: Default | None = None
    """What agents' messages are in its handoffs; none: as `[replies]` says."""
    undo_seconds: UndoSeconds | None = None
    """In which a reply may be taken back before anything of it leaves, on every channel; none: as
    `[replies]` says."""

    def wrap_up(self, names: tuple[str, ...]) -> WrapUp:
        """`names`: the labels there are; none: any will do."""
        wanted = self.require_labels
        if isinstance(wanted, bool):
            return WrapUp(wanted, names if wanted else (), self.outcomes)
        return WrapUp(bool(wanted), wanted, self.outcomes)


DEFAULT_QUEUE = (QueueSettings(name=DEFAULT),)


def _with_default(queues: tuple[QueueSettings, ...]) -> tuple[QueueSettings, ...]:
    names = [queue.name for queue in queues]
    if len(names) != len(set(names)):
        raise ValueError("two have the same name")
    return queues if DEFAULT in names else (*DEFAULT_QUEUE, *queues)


QueueList = Annotated[tuple[QueueSettings, ...], AfterValidator(_with_default)]


class HandoffSettings(Section):
    preview: Annotated[int, Field(ge=0, le=50)] = 10
    """How many messages from before the handoff the desk is shown."""
    user_close_command: str = "/end"
    """What a user writes to leave the human; empty: nothing does."""
    assignment_timeout: dict[str, Annotated[float, Field(ge=0)]] = Field(
        default_factory=lambda: {"webchat": 900.0, "messenger": 14_400.0}
    )
    """By channel: seconds that it waits for somebody until the bot has it back; 0: for ever."""
    idle_close: dict[str, Annotated[float, Field(ge=0)]] = Field(
        default_factory=lambda: {"webchat": 7_200.0, "messenger": 82_800.0}
    )
    """By channel: seconds of silence after an answer until it is resolved; 0: never."""
    goals: GoalSettings = Field(default_factory=GoalSettings)
    """How soon customers are to be served."""
    reopen_within: Annotated[float, Field(ge=0)] = 600.0
    """Without a bot: who writes so many seconds after the end is in the same handoff again."""
    still_waiting_after: Annotated[float, Field(gt=0)] = 60.0
    """Seconds until a customer whom nobody has taken is told how they stand."""
    still_waiting_every: Annotated[float, Field(gt=0)] = 180.0
    """Seconds after which they are told again, if they have come nearer."""
    still_waiting_most: Annotated[int, Field(ge=0)] = 3
    """How often at most; 0: never."""
    undo_resolve: Annotated[float, Field(ge=0, le=60)] = 5.0
    """Seconds in which a resolve by button may be taken back; 0: it acts at once."""
    blocked: tuple[Customer, ...] = ()
    """Customers whom nobody hears, beside those whom the team has blocked."""


class LabelSettings(Section):
    names: tuple[LabelName, ...] = ()
    """Those there are, as the team is offered them; none named: any."""
    free: bool = False
    """Whether others may be put on, too."""

    def made(self, queues: Sequence[QueueSettings]) -> Labels:
        """What a queue serves, or wants to be told, is a label, too."""
        wanted = (each.require_labels for each in queues)
        told = [x for names in wanted if not isinstance(names, bool) for x in names]
        served = [x for each in queues for x in each.labels]
        names = tuple(dict.fromkeys([*self.names, *told, *served]))
        return Labels(names, self.free or not self.names)


class Attribute(Section):
    path: Annotated[str, Field(min_length=1, max_length=200)]
    """Where it is in the user's attributes, with dots."""
    label: Annotated[str, Field(min_length=1, max_length=80)]
    default: str = ""
    format: Literal["", "date", "datetime", "from_now"] = ""


class LinkSettings(Section):
    """One link of the profile."""

    label: Annotated[str, Field(min_length=1, max_length=60)]
    url: Annotated[str, AfterValidator(_way)]


class ProfileSettings(Section):
    """What of a user's attributes is shown, and what of theirs is where else."""

    attributes: tuple[Attribute, ...] = ()
    links: Annotated[tuple[LinkSettings, ...], Field(max_length=10)] = ()


class ReplySettings(Section):
    """What an agent's message is."""

    default: Default = Default.REPLY
    """When nothing in it says so; with NOTE only `!r` sends."""
    mention: OnMention = OnMention.NOTE
    """When it names a colleague, a group or everyone."""
    undo_seconds: UndoSeconds = 5.0
    """In which a reply may be taken back before anything of it leaves, where the channel cannot
    delete it later; 0: it leaves at once."""


class LeakSettings(Section):
    """What holds a message back until somebody has looked at it."""

    look_for: tuple[Leak, ...] = EVERYTHING
    internal_hosts: tuple[HostName, ...] = INTERNAL_HOSTS
    """Names of hosts, or their ends, that lead nowhere outside."""
    patterns: tuple[Pattern, ...] = ()
    """Regular expressions of your own; small and capital letters are the same."""


class SlackSettings(Section):
    posts_per_second: Annotated[float, Field(ge=0)] = 1.0
    """In one channel, as Slack allows; 0: unlimited, for servers that are not Slack."""
    connections: Annotated[int, Field(ge=1, le=10)] = 2
    """In Socket Mode, of the ten that Slack allows an app over all its processes."""
    sweep_every: Annotated[float, Field(ge=0)] = 60.0
    """Seconds between two looks into Slack's history for what no event told; 0: never."""


class DeliverySettings(Section):
    """Seconds. A send is unsure for `quarantine` after `timeout`; what is broken is probed."""

    timeout: Annotated[float, Field(gt=0)] = 10.0
    quarantine: Annotated[float, Field(ge=0)] = 5.0
    lease: Annotated[float, Field(gt=0)] = 30.0
    probe_every: Annotated[float, Field(gt=0)] = 15.0

    @model_validator(mode="after")
    def _lease_outlives_send(self) -> Self:
        if self.lease < 3 * self.timeout:
            raise ValueError("lease must be at least three times timeout")
        return self


class ButtonText(Section):
    text: Annotated[str, Field(min_length=1, max_length=80)]


class WebchatSettings(Section):
    """How the widget looks and how much one visitor may do; a limit of 0 is none."""

    title: str = ""
    subtitle: str = ""
    color: Annotated[str, AfterValidator(_colour)] = ""
    position: Literal["left", "right"] = "right"
    greeting: str = ""
    greeting_buttons: tuple[ButtonText, ...] = ()
    texts: dict[str, dict[str, str]] = Field(default_factory=dict)
    """Language, key (as in the widget's language files), text."""
    prechat: PrechatForm = ()
    """What is asked before the first message."""
    messages_per_minute: Annotated[int, Field(ge=0)] = 20
    conversations_per_hour: Annotated[int, Field(ge=0)] = 10
    files_per_ten_minutes: Annotated[int, Field(ge=0)] = 5


class FileSettings(Section):
    room: Annotated[float, Field(gt=0)] = 10.0
    """GiB of all files together; what comes above it is refused."""


class RetentionSettings(Section):
    """Days for which things are kept; 0: as long as what they belong to."""

    files: Annotated[float, Field(ge=0)] = 0.0


class MessengerSettings(Section):
    """Times in seconds."""

    human_agent: bool = False
    """Whether Meta has granted *Human Agent*: a person may then answer for seven days."""
    window: Annotated[float, Field(gt=0)] = 86_400.0
    """For so long after a user's last sign of life anything may be said."""
    agent_window: Annotated[float, Field(gt=0)] = 604_800.0
    """The same for what a person wrote, where that is granted."""
    warn_before: Annotated[float, Field(ge=0)] = 7_200.0
    """So long before it shuts agents are told."""
    personas: bool = True
    """Whether agents have their own name and picture there."""
    echo_patience: Annotated[float, Field(ge=0)] = 60.0
    """For so long a send whose answer was lost waits for its echo, before an agent is asked."""
    resubscribe_every: Annotated[float, Field(ge=0)] = 900.0
    """Between two looks whether the page still tells us; 0: never."""


class WebSettings(Section):
    trusted_proxies: Annotated[tuple[Network, ...], BeforeValidator(words)] = ()
    """Networks whose X-Forwarded-For is believed."""


class ApiSettings(Section):
    """`/v1` and the calls of Botpress beside it."""

    requests_per_minute: Annotated[int, Field(ge=0)] = 12_000
    """Of one key or signing bot, in the long run and at once; 0: no limit."""


class WebhookSettings(Section):
    """Webhooks of tools (`/v1/webhooks`)."""

    allow_private: Annotated[tuple[Network, ...], BeforeValidator(_private)] = ()
    """Private networks that webhooks may be sent to; true: all of them."""


SECTION_TYPES: dict[str, type[BaseModel]] = {
    "bots": BotSettings,
    "queues": QueueSettings,
    "hours": HoursSettings,
    "handoff": HandoffSettings,
    "agents": AgentSettings,
    "templates": TemplateSettings,
    "actions": ActionSettings,
    "labels": LabelSettings,
    "triggers": TriggerSettings,
    "profile": ProfileSettings,
    "replies": ReplySettings,
    "leaks": LeakSettings,
    "alerts": AlertSettings,
    "approvals": ApprovalSettings,
    "audit": AuditSettings,
    "slack": SlackSettings,
    "delivery": DeliverySettings,
    "webchat": WebchatSettings,
    "messenger": MessengerSettings,
    "email": EmailSettings,
    "web": WebSettings,
    "api": ApiSettings,
    "webhooks": WebhookSettings,
    "files": FileSettings,
    "retention": RetentionSettings,
}
