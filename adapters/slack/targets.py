"""What a verb is done to: a user's conversation, with or without a handoff."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.slack.arguments import Aim
from adapters.slack.identity import Self
from adapters.slack.names import customer_name, number_of
from adapters.slack.verbs import BLOCKED, BOT, ENDED, ENDING, HAD, HEARD, PAUSED, About, Verb
from bridge.commands import OfConversation, ToConversation, ToHandoff
from bridge.lists import Lists
from bridge.model import (
    DEFAULT_WORKSPACE,
    Agent,
    Contact,
    Conversation,
    ConversationId,
    HandoffId,
    Message,
    Mode,
    Standing,
    given,
)
from bridge.sight import Sight
from bridge.stores import Reads
from bridge.views import View

HANDOFF = "hnd_"
MOST_FOUND = 20


@dataclass(frozen=True, slots=True)
class Target:
    """`view` is the handoff that is meant, be it open or over; None: only the conversation."""

    conversation: Conversation
    contact: Contact
    view: View | None = None

    @property
    def about(self) -> str:
        """Its id, as buttons carry it."""
        return self.view.handoff.id if self.view else self.conversation.id

    @property
    def is_open(self) -> bool:
        return self.view is not None and self.view.handoff.is_open

    def is_of(self, agent: Agent) -> bool:
        """Whether they have it and may write there now."""
        had = self.view is not None and self.view.handoff.assignee == agent.id
        return had and HAD in self.states()

    @property
    def called(self) -> str:
        """`#42, Sam Rivera`"""
        number = number_of(self.view.handoff) if self.view else ""
        return ", ".join(filter(None, [number, customer_name(self.contact)]))

    @property
    def read_out(self) -> str:
        """`#42 Sam Rivera`, for screen readers."""
        number = number_of(self.view.handoff) if self.view else ""
        return " ".join(filter(None, [number, customer_name(self.contact)]))

    def to(self, verb: Verb) -> OfConversation:
        if self.view and (self.is_open or verb.about is About.HANDOFF):
            return ToHandoff(self.view.handoff.id)
        return ToConversation(self.conversation.id)

    def states(self) -> frozenset[str]:
        """As in the table of verbs."""
        handoff = self.view.handoff if self.view else None
        heard = {BLOCKED if self.contact.blocked_at else HEARD}
        if handoff and handoff.is_open:
            return frozenset({ENDING if handoff.ends_at else str(handoff.status)} | heard)
        paused = bool(self.conversation.paused_by)
        mode = {PAUSED} if paused else {BOT} if self.conversation.mode is Mode.BOT else set()
        return frozenset(mode | heard | ({ENDED} if handoff else set()))

    def fits(self, verb: Verb) -> bool:
        return bool(verb.states & self.states())


def of_view(view: View) -> Target:
    return Target(view.conversation, view.contact, view)


class Finder:
    def __init__(self, reads: Reads, self_: Self, lists: Lists | None) -> None:
        self._lists = lists
        self._reads = reads
        self._self = self_

    async def about(self, id: str) -> Target | None:
        """By the id that a button carries."""
        if id.startswith(HANDOFF):
            view = await self._reads.view(HandoffId(id))
            return of_view(view) if view else None
        view = await self._reads.view_of(ConversationId(id))
        if view and view.handoff.is_open:
            return of_view(view)
        if view:
            return Target(view.conversation, view.contact)
        conversation = await self._reads.conversation(ConversationId(id))
        contact = await self._reads.contact(ConversationId(id)) if conversation else None
        return Target(conversation, contact) if conversation and contact else None

    async def suggestion(self, id: str) -> tuple[Message, Target] | None:
        """One that waits for somebody's word, with the handoff that it is for."""
        message = await self._reads.message(id)
        if message is None or message.handoff_id is None or message.standing is not Standing.HELD:
            return None
        target = await self.about(message.handoff_id)
        return (message, target) if target else None

    async def aimed(self, aim: Aim) -> Target | None:
        """By number, or by a link to the thread. Raises DeliveryError."""
        if aim.number is not None:
            view = await self._reads.by_number(DEFAULT_WORKSPACE, aim.number)
        elif aim.thread is not None:
            view = await self.in_thread(*aim.thread)
        else:
            view = None
        return of_view(view) if view else None

    async def in_thread(self, channel: str, ts: str) -> View | None:
        team = (await self._self.get()).team
        return await self._reads.by_thread(team, channel, ts)

    async def called(
        self, name: str, sight: Sight | None, *, paused: bool = False
    ) -> Sequence[Target]:
        """Users by name, e-mail, id or words, the newest first; `paused`: whose bot is."""
        text = name.lstrip("@")
        found = await given(self._lists).conversations(
            DEFAULT_WORKSPACE, text, (), MOST_FOUND, paused=paused or None, sight=sight
        )
        return [await self._newest(conversation, contact) for conversation, contact in found]

    async def _newest(self, conversation: Conversation, contact: Contact) -> Target:
        view = await self._reads.view_of(conversation.id) if conversation.handoff_id else None
        is_open = view is not None and view.handoff.is_open
        return Target(conversation, contact, view if is_open else None)

    async def own_or_all(self, by: Agent, sight: Sight | None) -> Sequence[Target]:
        own = await self._reads.open_of(DEFAULT_WORKSPACE, by.id)
        return [of_view(view) for view in own or await self.open(sight)]

    async def open(self, sight: Sight | None) -> Sequence[View]:
        """All that are, as far as they may be seen."""
        views = await self._reads.open_all(DEFAULT_WORKSPACE)
        return [view for view in views if sight is None or sight.has(view.handoff)]
