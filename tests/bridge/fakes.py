"""Tiny adapters that follow `bridge.ports` and write down what they were asked to do.

Each raises the errors it was given, one a call, before it does anything; `None` in between is a
call that goes well. What arrived stays, so that a doubtful send can be looked up.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from starlette.routing import BaseRoute

from bridge.effects import Mark, Where
from bridge.errors import Broken, DeliveryError, Scope
from bridge.model import AgentId, Attachment, Conversation, Micros, Thread
from bridge.policy import Traits
from bridge.ports import BotCall, BotReply, Outgoing, Receipt, Receive
from bridge.views import CustomerPost, Post, View

TEAM, CHANNEL = "T1", "C1"


@dataclass
class Moods:
    """What goes wrong next. `lost`: it arrived, only its answer did not."""

    errors: deque[DeliveryError | None] = field(default_factory=deque)
    lost: bool = False

    def say(self, *errors: DeliveryError | None, lost: bool = False) -> None:
        self.errors.extend(errors)
        self.lost = lost

    def next(self) -> DeliveryError | None:
        return self.errors.popleft() if self.errors else None


@dataclass
class PlainDesk:
    """A desk that can neither mark nor look up."""

    name: str = "desk"
    max_text: int = 100
    moods: Moods = field(default_factory=Moods)
    opened: list[str] = field(default_factory=list)
    posted: list[tuple[str, Post]] = field(default_factory=list)
    cards: list[View] = field(default_factory=list)
    told: list[tuple[AgentId, str]] = field(default_factory=list)

    def routes(self, receive: Receive) -> Sequence[BaseRoute]:
        return ()

    async def open(self, view: View, key: str) -> Receipt:
        self._meet(lambda: self.opened.append(key))
        return Receipt((TEAM, CHANNEL, f"{len(self.opened)}.0"))

    async def post(self, thread: Thread, view: View, post: Post, key: str) -> Receipt:
        self._meet(lambda: self.posted.append((key, post)))
        return Receipt((TEAM, CHANNEL, f"{thread.ts}/{len(self.posted)}"))

    async def refresh(self, thread: Thread, view: View) -> None:
        self._meet(lambda: self.cards.append(view))

    async def tell(self, agent: AgentId, text: str) -> None:
        self._meet(lambda: self.told.append((agent, text)))

    def _meet(self, do: Callable[[], object]) -> None:
        error = self.moods.next()
        if error is None or self.moods.lost:
            do()
        if error is not None:
            raise error


@dataclass
class AbleDesk(PlainDesk):
    """A desk that puts marks and looks up what arrived. `blind` look-ups find nothing yet."""

    marked: list[tuple[Where, Mark]] = field(default_factory=list)
    looked: list[tuple[str, Micros]] = field(default_factory=list)
    blind: int = 0

    async def mark(self, where: Where, mark: Mark, *, fresh: bool = False) -> None:
        self._meet(lambda: self.marked.append((where, mark)))

    async def find(
        self, thread: Thread | None, view: View, key: str, since: Micros
    ) -> Receipt | None:
        self.looked.append((key, since))
        if self.blind:
            self.blind -= 1
            return None
        if key in self.opened:
            return Receipt((TEAM, CHANNEL, "1.0"))
        return Receipt() if key in [posted for posted, _ in self.posted] else None


@dataclass
class ShieldingDesk(AbleDesk):
    """A desk whose own links begin with `desk:`."""

    internal_links: str = "desk://"


@dataclass
class MortalDesk(AbleDesk):
    """A desk whose threads can be deleted, and which can be closed as a whole. `shown` is what
    stands in each thread, by its ts, the root first; `closed` is raised by whatever is asked."""

    shown: dict[str, list[tuple[str, Post | None]]] = field(default_factory=dict)
    dead: set[str] = field(default_factory=set)
    closed: Broken | None = None
    posting: Moods = field(default_factory=Moods)
    """Of posts in threads alone."""
    probed: list[tuple[Scope, str]] = field(default_factory=list)

    async def open(self, view: View, key: str) -> Receipt:
        self._enter()
        receipt = await super().open(view, key)
        ts = f"{len(self.opened)}.0"
        self.shown[ts] = [(key, None)]
        return receipt

    async def post(self, thread: Thread, view: View, post: Post, key: str) -> Receipt:
        self._enter(thread.ts)
        if error := self.posting.next():
            raise error
        receipt = await super().post(thread, view, post, key)
        self.shown[thread.ts].append((key, post))
        return receipt

    async def refresh(self, thread: Thread, view: View) -> None:
        self._enter(thread.ts)
        await super().refresh(thread, view)

    async def withdraw(self, place: tuple[str, str, str]) -> None:
        self._enter()
        del self.shown[place[2]]

    async def find(
        self, thread: Thread | None, view: View, key: str, since: Micros
    ) -> Receipt | None:
        self.looked.append((key, since))
        there = [thread.ts] if thread else list(self.shown)
        found = (ts for ts in there for known, _ in self.shown[ts] if known == key)
        ts = next(found, None)
        return Receipt((TEAM, CHANNEL, ts)) if ts else None

    async def probe(self, scope: Scope, about: str) -> None:
        self.probed.append((scope, about))
        self._enter()

    def remedy(self, reason: str, scope: Scope) -> str:
        return f"mend {reason}"

    def _enter(self, ts: str = "") -> None:
        if self.closed:
            raise self.closed
        if ts in self.dead:
            raise Broken("thread_gone", Scope.THREAD)

    def texts(self, ts: str) -> list[str]:
        """What users and bots said in the thread, those that went together one by one."""
        posts = [post for _, post in self.shown.get(ts, ()) if isinstance(post, CustomerPost)]
        return [text for post in posts for text in (post.text, *(each.text for each in post.also))]


@dataclass
class ReactingDesk(PlainDesk):
    """A desk that shows users' emoji."""

    reacted: list[tuple[str, str, bool]] = field(default_factory=list)

    async def react(self, source: str, emoji: str, *, on: bool) -> None:
        self._meet(lambda: self.reacted.append((source, emoji, on)))


@dataclass
class FakeChannel:
    name: str = "webchat"
    traits: Traits = field(default_factory=lambda: Traits(max_text=20))
    moods: Moods = field(default_factory=Moods)
    sent: list[tuple[str, str]] = field(default_factory=list)
    files: list[Attachment] = field(default_factory=list)

    def routes(self, receive: Receive) -> Sequence[BaseRoute]:
        return ()

    async def send(self, conversation: Conversation, message: Outgoing, key: str) -> Receipt:
        error = self.moods.next()
        if error is not None:
            raise error
        self.sent.append((key, message.text))
        if message.file:
            self.files.append(message.file)
        return Receipt()


@dataclass
class FakeBot:
    id: str = "robo"
    moods: Moods = field(default_factory=Moods)
    calls: list[BotCall] = field(default_factory=list)
    replies: deque[BotReply] = field(default_factory=deque)

    async def call(self, call: BotCall) -> BotReply:
        self.calls.append(call)
        error = self.moods.next()
        if error is not None:
            raise error
        return self.replies.popleft() if self.replies else BotReply(silent=True)
