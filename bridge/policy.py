"""What the settings decide, as frozen data that `decide` may look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeVar

from bridge.actions import NONE, Actions
from bridge.gates import Gate
from bridge.labels import ANY, Labels
from bridge.leaks import Guard
from bridge.model import SECOND, Agent, AgentId, Contact, Handoff, Micros, replace
from bridge.queues import DEFAULT, ONLY, Default, Queue
from bridge.templates import Templates
from bridge.texts import Texts
from bridge.triggers.rules import Rule


class Asks(StrEnum):
    """How users of a channel are asked what they think of how they were helped: it shows the
    question by itself, or is sent it with buttons."""

    NEVER = "never"
    ITSELF = "itself"
    BY_BUTTONS = "by_buttons"


@dataclass(frozen=True, slots=True)
class Traits:
    """A channel's limits. `reads_store`: its users read from our store (the webchat does), so that
    a committed message is a delivered one and `send` is never called. `max_text` in characters."""

    max_text: int = 4_000
    reads_store: bool = False
    edits: bool = False
    deletes: bool = False
    files: bool = False
    repeatable: bool = False
    """Whether what is sent twice is seen once, so that a send may be repeated at will."""
    reactions: bool = False
    buttons: int = 0
    mails: bool = False
    """Whether its users may leave before they have read, and are then written to by e-mail."""
    asks: Asks = Asks.NEVER
    window: Micros = 0
    """For so long after the user's last message the channel takes answers; zero: always."""
    agent_window: Micros = 0
    """The same for what a person wrote, where that is longer."""
    window_warning: Micros = 7_200 * SECOND
    """So long before the window shuts agents are told."""

    def answer_until(self, user_at: Micros) -> Micros:
        """Until when an agent may answer a user who last wrote then; zero: always, or nobody knows,
        since the user never wrote (zero) and the handoff was opened for them."""
        window = max(self.window, self.agent_window)
        return user_at + window if window and user_at else 0


PLAIN = Traits()
"""Of a channel that says nothing of itself."""


@dataclass(frozen=True, slots=True)
class BotPolicy:
    """`patience`: how long a user waits for an answer before a human is asked; µs."""

    id: str
    patience: Micros = 30 * SECOND
    channels: tuple[str, ...] = ()
    """Empty: all that no other bot names."""


class Serves(Protocol):
    """A bot, as the settings or the policy have it."""

    @property
    def id(self) -> str: ...
    @property
    def channels(self) -> tuple[str, ...]: ...


B = TypeVar("B", bound=Serves)


def serving(bots: Sequence[B], channel: str) -> B | None:
    """The first that names the channel, else the first that names none."""
    named = (bot for bot in bots if channel in bot.channels)
    return next(named, None) or next((bot for bot in bots if not bot.channels), None)


class OnMention(StrEnum):
    """What becomes of a message that names a colleague, a group or everyone."""

    NOTE = "note"
    HOLD = "hold"
    REPLY = "reply"


class Calling(StrEnum):
    """When a user's message calls the assignee: SMART, when they would not see it else."""

    SMART = "smart"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Alerts:
    """Whom the desk calls and when. Times are µs since the user began to wait for this team or this
    agent; `notify` and `lead` are in the desk's own spelling, empty: nobody."""

    mention: Calling = Calling.SMART
    notify: str = ""
    lead: str = ""
    notify_after: Micros = 120 * SECOND
    overdue_after: Micros = 300 * SECOND
    lead_after: Micros = 600 * SECOND
    held_after: Micros = 120 * SECOND
    present_for: Micros = 120 * SECOND
    """Who wrote in the thread so lately sees it and is not called."""


@dataclass(frozen=True, slots=True)
class Talent:
    """What an agent can do. No languages: all; `labels`: what they know best; `capacity`: their
    own, zero: the queue's."""

    languages: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    capacity: int = 0


@dataclass(frozen=True, slots=True)
class Staffing:
    """Times in µs. Who has done nothing is asked, and then away. What waits for one who is away
    for `hand_back_after` goes back to its queue. A user who was answered and has said nothing for
    `silent_after` takes no room."""

    ask_after: Micros = 900 * SECOND
    away_after: Micros = 1_200 * SECOND
    hand_back_after: Micros = 300 * SECOND
    silent_after: Micros = 600 * SECOND
    online_required: bool = False
    """Whether only who is online takes something for themselves."""
    talents: Mapping[AgentId, Talent] = field(default_factory=dict)

    def talent(self, agent: AgentId) -> Talent:
        return self.talents.get(agent, Talent())


@dataclass(frozen=True, slots=True)
class Still:
    """When a user whom nobody has taken is told how they stand: µs since they began to wait, then
    every so often if it is another place, and so many times at most."""

    after: Micros = 60 * SECOND
    every: Micros = 180 * SECOND
    most: int = 3


@dataclass(frozen=True, slots=True)
class Policy:
    bots: tuple[BotPolicy, ...] = ()
    channels: Mapping[str, Traits] = field(default_factory=dict)
    staffed: bool = True
    """Whether there is a desk at all. Without one handoffs are kept, and nobody is told of them."""
    desk_max_text: int = 2_900
    preview: int = 10
    end_command: str = "/end"
    assignment_timeout: Mapping[str, Micros] = field(default_factory=dict)
    """By channel; none: a handoff waits as long as it takes. Only where a bot can take it back."""
    idle_close: Mapping[str, Micros] = field(default_factory=dict)
    """By channel: who was answered and says nothing for so long is taken to be served; none: not
    at all."""
    reopen_within: Micros = 600 * SECOND
    """Without a bot, a user who writes so soon after the end is back in the same handoff."""
    undo_window: Micros = 5 * SECOND
    """So long a resolve by button may be taken back; zero: it acts at once."""
    undo_reply: Micros = 0
    """So long a reply may be taken back before anything of it leaves, where the channel cannot
    delete what it has, unless the queue says for how long."""
    still: Still = field(default_factory=Still)
    mail_after: Micros = 0
    """So long after they have left users are written to by e-mail; zero: never."""
    visit_gap: Micros = 1_800 * SECOND
    """Who writes after so long a silence is on a new visit, which the transcript marks."""
    queues: tuple[Queue, ...] = ONLY
    staffing: Staffing = field(default_factory=Staffing)
    labels: Labels = ANY
    topics: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """The label of a user's first handoff, by an attribute of theirs and what they chose for it
    before they began to write."""
    may_delete: bool = False
    """Whether a conversation may be deleted."""
    blocked: frozenset[str] = frozenset()
    """Users whom nobody hears: `channel:address`, or an e-mail in small letters."""
    texts: Texts = field(default_factory=Texts)
    templates: Templates = field(default_factory=Templates)
    actions: Actions = NONE
    triggers: tuple[Rule, ...] = ()
    default: Default = Default.REPLY
    on_mention: OnMention = OnMention.NOTE
    guard: Guard = field(default_factory=Guard)
    alerts: Alerts = field(default_factory=Alerts)
    gate: Gate = field(default_factory=Gate)
    routes: bool = field(init=False)
    """Whether any handoff is given to somebody by itself."""
    _named: Mapping[str, Queue] = field(init=False, repr=False, compare=False)
    _serving: Mapping[str, BotPolicy | None] = field(init=False, repr=False, compare=False)
    """By channel, of those that some bot names; the empty one stands for all others."""

    def __post_init__(self) -> None:
        """What every command asks is found out once."""
        channels = {"", *(channel for bot in self.bots for channel in bot.channels)}
        serves = {channel: serving(self.bots, channel) for channel in channels}
        object.__setattr__(self, "routes", any(queue.routed for queue in self.queues))
        object.__setattr__(self, "_named", {queue.name: queue for queue in reversed(self.queues)})
        object.__setattr__(self, "_serving", serves)

    def is_elsewhere(self, channel: str, place: str) -> bool:
        """Whether a thread there is at the place of another queue. A place in a spelling that is
        not the desk's own is no other place."""
        return channel != place and channel in {queue.place for queue in self.queues}

    def bot_for(self, channel: str) -> BotPolicy | None:
        return self._serving.get(channel, self._serving[""])

    def bot(self, bot_id: str) -> BotPolicy | None:
        return next((bot for bot in self.bots if bot.id == bot_id), None)

    def queue(self, name: str) -> Queue:
        """The default one where there is none of that name."""
        return self._named.get(name) or self._named[DEFAULT]

    def own_texts(
        self, contact: Contact, handoff: Handoff
    ) -> Sequence[Mapping[str, Mapping[str, str]]]:
        """Those of who opened it, and of its queue. Where what a bot says is held, nobody has
        approved its words: only what they silence counts then."""
        words = handoff.terms.messages
        if words and self.gate.holds(contact, handoff.queue, ""):
            words = {name: said for name, said in words.items() if not any(said.values())}
        return words, self.queue(handoff.queue).messages

    def serves(self, agent: Agent, queue: str) -> bool:
        """Whether they may act in handoffs of that queue."""
        return agent.serves(self.queue(queue).name)

    def default_of(self, queue: str) -> Default:
        """What an agent's message is in handoffs of that queue when nothing in it says so."""
        return self.queue(queue).reply or self.default

    def undo_of(self, queue: str, channel: str) -> Micros:
        """So long a reply there may be taken back before anything of it leaves; zero: it leaves at
        once."""
        own = self.queue(queue).undo
        if own is not None:
            return own
        return 0 if self.traits(channel).deletes else self.undo_reply

    def alerts_of(self, queue: str) -> Alerts:
        notify = self.queue(queue).notify
        return replace(self.alerts, notify=notify) if notify else self.alerts

    def blocks(self, contact: Contact, email: str = "") -> bool:
        """Whether nothing that this user says is heard. `email`: one that they are about to have
        told."""
        named = (f"{contact.channel}:{contact.address}", contact.email, email)
        return bool(contact.blocked_at) or not self.blocked.isdisjoint(map(str.lower, named))

    def traits(self, channel: str) -> Traits:
        return self.channels.get(channel, PLAIN)
