"""The core's contracts with the world: what a channel, a desk and a bot must be able to do.
What a store must is in `stores.py`.

Two of them are for others to implement. A `Channel` is the user's side, a `Desk` the agents'. Both
are small on purpose; what only some can do is a capability, a Protocol of one method, that an
adapter has or has not (`isinstance` at start-up, no flags).

Delivery calls raise `DeliveryError` (see `errors.py`) and nothing else. `key` is our id of the
thing to be delivered: the adapter puts it where its platform gives it back, so that a send whose
answer was lost can be looked up (`Reconciles`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from starlette.routing import BaseRoute

from bridge.commands import Answer, Reply, Request
from bridge.effects import Mark, Where
from bridge.errors import Refused, Scope
from bridge.filing import Files, NoFiles
from bridge.findings import Finding
from bridge.latest import Latest
from bridge.lists import Lists
from bridge.model import (
    Agent,
    AgentId,
    Attachment,
    Conversation,
    ConversationId,
    Message,
    Micros,
    Thread,
)
from bridge.policy import Traits
from bridge.stores import Reads
from bridge.views import Post, View

Receive = Callable[[Request], Awaitable[Answer]]
"""`inbox.handle`: returns after the commit. Raises StoreUnavailable (answer 503) and BadData."""

Clock = Callable[[], Micros]
"""Wall time, UTC, in microseconds."""

ReadFile = Callable[[], AsyncIterator[bytes]]
"""Reads the bytes of a file from the first one. Raises DeliveryError."""

Check = Callable[[], Awaitable[str]]
"""Says what is wrong; an empty text: nothing."""


# --- the user's side -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where something went: `place` is the platform's own reference of it."""

    place: tuple[str, str, str] | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message on its way to a user: `text` is the part to be sent."""

    message: Message
    text: str
    part: int
    parts: int
    file: Attachment | None = None
    """The file that this part is, in place of words; its bytes are read from `Deps.files`."""
    upload: str = ""
    """What the channel calls the file, where it was brought before (`Uploads`)."""


class Channel(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def traits(self) -> Traits: ...
    def routes(self, receive: Receive) -> Sequence[BaseRoute]: ...
    async def send(self, conversation: Conversation, message: Outgoing, key: str) -> Receipt: ...


@runtime_checkable
class Corrects(Protocol):
    """Changes what it sent before to the message's text as it is now, or takes it back when the
    message is deleted; done already, or never sent, is fine. With `Traits.edits` or `deletes`."""

    async def correct(self, conversation: Conversation, message: Message) -> None: ...


@runtime_checkable
class Uploads(Protocol):
    """Takes the bytes of a file before it is sent: where nobody sees them, so that it may be done
    twice. Gives what the file is called from then on (`Outgoing.upload`); `read` begins with its
    first byte each time. Raises DeliveryError."""

    async def upload(self, conversation: Conversation, file: Attachment, read: ReadFile) -> str: ...


@runtime_checkable
class Finds(Protocol):
    """Looks whether a send whose answer was lost reached the user. None: it did not, as far as one
    can see; an agent is asked then. Raises Unknown while its platform may yet tell (`Echoed`).

    It was sent after `since`; that nobody knows what came of it was found at `doubted_at`."""

    async def find(
        self,
        conversation: Conversation,
        message: Outgoing,
        key: str,
        since: Micros,
        doubted_at: Micros,
    ) -> Receipt | None: ...


@runtime_checkable
class Lends(Protocol):
    """Has files of what was said there: streams one that it named itself (`ref`: its own name, a
    colon, and whatever it needs to find it again). Raises DeliveryError: Refused for one that is
    gone or that it may not read. A channel or a desk."""

    def lend(self, file: Attachment) -> AsyncIterator[bytes]: ...


# --- the agents' side ----------------------------------------------------------------------------


class Desk(Protocol):
    """`max_text` is how many characters of a user's text fit into one post."""

    @property
    def name(self) -> str: ...
    @property
    def max_text(self) -> int: ...
    def routes(self, receive: Receive) -> Sequence[BaseRoute]: ...
    async def open(self, view: View, key: str) -> Receipt: ...
    async def post(self, thread: Thread, view: View, post: Post, key: str) -> Receipt: ...
    async def refresh(self, thread: Thread, view: View) -> None: ...
    async def tell(self, agent: AgentId, text: str) -> None: ...


@runtime_checkable
class Marks(Protocol):
    """Puts the one mark on a message, or a post of ours, for any earlier one; done already is fine.
    `fresh`: there was none when it was decided."""

    async def mark(self, where: Where, mark: Mark, *, fresh: bool = False) -> None: ...


@runtime_checkable
class Settles(Protocol):
    """Changes a line that asked what becomes of a held message to what was chosen (`sent`, `note`,
    `deleted`) by whom, or one that asked who takes a handoff to who has (`taken`) or that it has
    `ended`; one that is gone is fine. Raises DeliveryError."""

    async def settle(
        self, place: tuple[str, str, str], view: View, how: str, name: str
    ) -> None: ...


@runtime_checkable
class TakesFiles(Protocol):
    """Shows users' files in the thread. `upload` brings the bytes there, which nobody sees, and
    gives what it is called from then on; `share` shows it, once, under the `key`."""

    async def upload(self, file: Attachment, chunks: AsyncIterator[bytes]) -> str: ...
    async def share(
        self, thread: Thread, view: View, message: Message, upload: str, key: str
    ) -> Receipt: ...


@runtime_checkable
class Reacts(Protocol):
    """Shows a user's emoji on an agent's message, or takes it off; done already is fine."""

    async def react(self, source: str, emoji: str, *, on: bool) -> None: ...


@runtime_checkable
class ShowsSeen(Protocol):
    """Shows on an agent's message that the user has read up to there, and no more on the one
    `before` (empty: none); done already is fine."""

    async def seen(self, source: str, before: str) -> None: ...


@runtime_checkable
class Shields(Protocol):
    """Knows addresses that lead inside its own network, as a regular expression: they are nothing
    for users."""

    @property
    def internal_links(self) -> str: ...


@runtime_checkable
class Reconciles(Protocol):
    """Looks whether the thing with this `key` arrived: in the thread, or for a root in the channel
    of the view's queue. `since` is when its first attempt began. None: it is not there (yet)."""

    async def find(
        self, thread: Thread | None, view: View, key: str, since: Micros
    ) -> Receipt | None: ...


@runtime_checkable
class Mends(Protocol):
    """Knows whether what was broken may work again, and what somebody should do about it. `about`:
    the channel, where the scope is one."""

    async def probe(self, scope: Scope, about: str) -> None:
        """Raises DeliveryError while it cannot work."""
        ...

    def remedy(self, reason: str, scope: Scope) -> str: ...


@runtime_checkable
class Withdraws(Protocol):
    """Takes back a root that was opened twice; gone already is fine. Raises DeliveryError."""

    async def withdraw(self, place: tuple[str, str, str]) -> None: ...


@runtime_checkable
class Staff(Protocol):
    """Knows who an agent is, by the id of the desk's network; one without a name is nobody. And
    who there is: those who may speak to users now. Both raise DeliveryError."""

    async def agent(self, id: AgentId) -> Agent: ...
    async def agents(self) -> Sequence[Agent]: ...


@runtime_checkable
class Runs(Protocol):
    """Has something to start and to stop with the process (a session, a socket, a cache)."""

    async def start(self) -> None: ...
    async def close(self) -> None: ...


@runtime_checkable
class Streams(Protocol):
    """Holds requests open, and can count them."""

    def open_streams(self) -> int: ...


@runtime_checkable
class Fetches(Protocol):
    """Gets what its platform has to tell by itself: over connections that it opens, or by looking.

    What it returns is started last and closed first, in the processes that do the work (roles all
    and worker). Its `close` takes no more, finishes what is in hand, and only then returns.
    """

    def fetchers(self, receive: Receive) -> Sequence[Runs]: ...


# --- the bot -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BotCall:
    """One signed webhook. `id` is the same at each attempt; `body` is `{type, timestamp, data}`."""

    id: str
    type: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class BotReply:
    """`silent`: it answered on purpose with no message, and waits for no later one."""

    replies: tuple[Reply, ...] = ()
    handoff: dict[str, Any] | None = None
    epoch: int | None = None
    silent: bool = False


class Bot(Protocol):
    @property
    def id(self) -> str: ...
    async def call(self, call: BotCall) -> BotReply: ...


# --- what may be forgotten -----------------------------------------------------------------------


class Listener(AbstractContextManager["Listener"], Protocol):
    """Used with `with`. `wait` is true when the topic was rung since the last wait, false at the
    time-out; a ring between two waits is not lost."""

    afar: bool
    """Whether another process may have rung, too, before the last wait ended."""

    async def wait(self, timeout: float) -> bool: ...


class Subscription(Protocol):
    """Payloads of a topic, the oldest dropped when nobody reads."""

    def __aiter__(self) -> Subscription: ...
    async def __anext__(self) -> bytes: ...
    def close(self) -> None: ...


class Bell(Protocol):
    """Wake-ups are hints: ringing never blocks and never raises, and who misses one polls."""

    def ring(self, topics: Iterable[str]) -> None: ...
    def listen(self, topic: str) -> Listener: ...
    def publish(self, topic: str, payload: bytes) -> None: ...
    def subscribe(self, topic: str) -> Subscription: ...
    async def start(self) -> None: ...
    async def close(self) -> None: ...


class Limiter(Protocol):
    async def take(self, key: str, rate: float, burst: int, cost: int = 1) -> float:
        """0.0: taken. Else the seconds until it may be tried again; nothing was taken."""
        ...

    async def block(self, key: str, seconds: float) -> None: ...


class Presence(Protocol):
    async def touch(self, key: str, ttl: float) -> None: ...
    async def present(self, keys: Sequence[str]) -> set[str]: ...
    async def forget(self, key: str) -> None: ...


# --- what an adapter is given --------------------------------------------------------------------

TellWebhook = Callable[[str, str, Mapping[str, Any]], Awaitable[None]]
"""Sends a body to a webhook that was registered, signed, under an id. Raises DeliveryError."""


async def no_webhooks(_webhook: str, _id: str, _body: Mapping[str, Any]) -> None:
    raise Refused("webhook_gone")


@dataclass(frozen=True, slots=True)
class Deps:
    """All that an adapter may use. `settings` are the process's (`bridge.settings.Settings`)."""

    settings: Any
    reads: Reads
    bell: Bell
    limiter: Limiter
    presence: Presence
    clock: Clock
    files: Files = field(default_factory=NoFiles)
    tell: TellWebhook = no_webhooks
    latest: Latest = field(default_factory=Latest)
    lists: Lists | None = None  # always there in the product


# --- what an adapter knows of its own health -----------------------------------------------------


@dataclass(frozen=True, slots=True)
class Patient:
    """What `deskbridge check` looks at. `settings` are the process's; a setting with a fault is as
    though it were unset, and `faults` has its name and what is wrong."""

    settings: Any
    faults: Mapping[str, str]
    clock: Clock

    def fault_in(self, *names: str) -> str:
        """The first of these settings that has a fault; empty: none."""
        return next((name for name in names if name in self.faults), "")


@runtime_checkable
class Diagnoses(Protocol):
    """What the factory of an adapter may do beside making it: look, before anything is made, for
    whatever would keep it from working. It does nothing that others see, asks every address with a
    time-out, and what was not looked at says because of what."""

    async def diagnose(self, patient: Patient) -> Sequence[Finding]: ...


TOPIC_WORK = "work"
TOPIC_EVENTS = "events"
"""Rung when events were committed, which have no position yet."""


def topic_of(conversation: ConversationId) -> str:
    return f"conversation:{conversation}"
