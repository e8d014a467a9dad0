"""Where commands go, and what is loaded for them.

What a command is about is looked up before the conversations are locked, and read after: it could
be another by then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from bridge.blocking import elsewhere
from bridge.cases import Decision
from bridge.commands import (
    RESULTS,
    AgentSaid,
    Block,
    Command,
    Delivered,
    Echoed,
    MergeContacts,
    Result,
    ToConversation,
    ToHandoff,
    ToMessage,
    ToPost,
    ToThread,
    ToUser,
    UserSaid,
)
from bridge.effects import OpenThread, Outward, PostMessage, SendToUser
from bridge.model import (
    Contact,
    ContactId,
    Conversation,
    ConversationId,
    Handoff,
    HandoffId,
    Message,
    MessageId,
    Micros,
    Thread,
)
from bridge.quick import quick
from bridge.recent import Recent
from storage.known import Threads
from storage.mapping import CONTACT, CONVERSATION, HANDOFF, THREAD, read_effect, read_message
from storage.persons import others
from storage.runner import Runner

A = TypeVar("A")


@quick
@dataclass(frozen=True, slots=True)
class Located:
    """Where a command goes: the conversation, and the handoff or message that it is about."""

    conversation: ConversationId
    handoff: HandoffId | None = None
    subject: MessageId | None = None
    others: tuple[ConversationId, ...] = ()
    """Whose contacts it concerns, too."""


class Room:
    """All that a transaction has in hand, as it was loaded and as it is by now. Mutable."""

    def __init__(self, run: Runner, now: Micros, threads: Threads | None = None) -> None:
        self._run = run
        self._now = now
        self._known: Threads = threads or Recent()
        self.conversations: dict[ConversationId, Conversation] = {}
        self.contacts: dict[ContactId, Contact] = {}
        self.handoffs: dict[HandoffId, Handoff] = {}
        self.messages: dict[MessageId, Message] = {}
        self.effects: dict[int, Outward] = {}
        self.posts: dict[ToPost, Located] = {}
        self.threads: dict[HandoffId, Thread] = {}
        """The newest of the handoffs in which the conversations are."""
        self.loaded: dict[Any, Any] = {}
        self.versions: dict[ConversationId, int] = {}
        """Which transactions wrote the conversations' rows, where the database says so."""
        self.this: int | None = None
        """Likewise, which transaction it is."""
        self.early: int | None = None
        """Likewise, how often something was kept that came early."""
        self.chain: str | None = None
        """Where the audit chain stands, as JSON, where that was told."""
        self.some_early = self.some_silent = True
        """Whether anything came early, or any bot is silent, as far as we know."""

    # --- looking up ----------------------------------------------------------------------------

    def locate(self, commands: Sequence[Command]) -> dict[int, Located]:
        """By command; one that is not in the answer has no place (yet)."""
        self._read_effects([c for c in commands if isinstance(c, RESULTS)])
        threads = self._thread_places(addresses(commands, ToThread))
        handoffs = self._run.handoff_places([to.id for to in addresses(commands, ToHandoff)])
        messages = self._message_places(addresses(commands, ToMessage))
        below = self._below_posts(commands, threads)
        self._find_posts([*addresses(commands, ToPost), *self._told_of(commands), *below])
        places: dict[int, Located] = {}
        for command in commands:
            place = self._place_of(command, threads, handoffs, messages)
            if place:
                places[id(command)] = place
        return self._with_others(commands, places)

    def _thread_places(self, named: Sequence[ToThread]) -> dict[ToThread, tuple[str, str]]:
        found = {thread: known for thread in named if (known := self._known.get(thread))}
        for thread, place in self._run.threads([t for t in named if t not in found]).items():
            found[thread] = self._known.put(thread, place)
        return found

    def moved(self, commands: Sequence[Command], places: Mapping[int, Located]) -> bool:
        """Whether somebody has become another person since these were located."""
        return self._with_others(commands, places) != places

    def _with_others(
        self, commands: Sequence[Command], places: Mapping[int, Located]
    ) -> dict[int, Located]:
        """The places, with all other conversations that the commands concern."""
        at = {key: place.conversation for key, place in places.items()}
        found = others(self._run.mates, commands, at)
        return {**places, **{key: replace(places[key], others=found[key]) for key in found}}

    def blocked_elsewhere(
        self, command: Command, decision: Decision, place: Located
    ) -> Iterator[tuple[Block, Located]]:
        """What else is to be done where somebody was blocked who has other conversations."""
        if isinstance(command, Block | MergeContacts):
            named = (place.conversation, *place.others)
            talks = [self.conversations[each] for each in named if each in self.conversations]
            for talk, block in elsewhere(command, decision, talks):
                yield block, Located(talk.id)

    def _read_effects(self, results: Sequence[Result]) -> None:
        claims = [result.claim for result in results]
        self.effects.update({claim.effect_id: claim.effect for claim in claims if claim.effect})
        wanted = [claim.effect_id for claim in claims if claim.effect is None]
        if wanted:
            for effect_id, kind, body in self._run.effects(wanted):
                self.effects[effect_id] = read_effect(kind, body)

    def _message_places(self, named: Sequence[ToMessage]) -> dict[str, Located]:
        """By id and by source."""
        ids = [to.id for to in named if to.id]
        sources = [to.source for to in named if to.source]
        found: dict[str, Located] = {}
        for message, source, conversation, handoff in self._run.message_places(ids, sources):
            found[message] = Located(ConversationId(conversation), handoff, MessageId(message))
            if source:
                found[source] = found[message]
        return found

    def _told_of(self, commands: Sequence[Command]) -> Iterable[ToPost]:
        """Where a user's channel says that messages of ours are, which it may have said before."""
        for command in commands:
            place = command.place if isinstance(command, Echoed) else self._sent_to(command)
            if place:
                yield ToPost(*place)

    def _sent_to(self, command: Command) -> tuple[str, str, str] | None:
        """Where a message to a user went."""
        if not isinstance(command, Delivered):
            return None
        effect = self.effects.get(command.claim.effect_id)
        return command.place if isinstance(effect, SendToUser) else None

    @staticmethod
    def _below_posts(
        commands: Sequence[Command], threads: Mapping[ToThread, object]
    ) -> list[ToPost]:
        """Words in a thread of no handoff may stand below a question that was put elsewhere."""
        said = [command.to for command in commands if isinstance(command, AgentSaid)]
        strange = (to for to in said if isinstance(to, ToThread) and to not in threads)
        return [ToPost(to.team, to.channel, to.ts) for to in strange]

    def _find_posts(self, named: Sequence[ToPost]) -> None:
        for team, channel, ts, message, conversation, handoff in self._run.post_places(named):
            place = Located(ConversationId(conversation), handoff, MessageId(message))
            self.posts[ToPost(team, channel, ts)] = place

    def _place_of(
        self,
        command: Command,
        threads: Mapping[ToThread, tuple[str, str]],
        handoffs: Mapping[str, str],
        messages: Mapping[str, Located],
    ) -> Located | None:
        if isinstance(command, RESULTS):
            return self._place_of_result(command)
        match command.to:
            case ToUser(conversation_id=conversation) | ToConversation(id=conversation):
                return Located(conversation)
            case ToHandoff(id=handoff) if handoff in handoffs:
                return Located(ConversationId(handoffs[handoff]), handoff)
            case ToThread() as thread:
                return self._place_in_thread(command, thread, threads.get(thread))
            case ToMessage() as to:
                return messages.get(to.id or "") or messages.get(to.source or "")
            case ToPost() as to:
                return self.posts.get(to)
        return None

    def _place_in_thread(
        self, command: Command, thread: ToThread, found: tuple[str, str] | None
    ) -> Located | None:
        if found:
            handoff, conversation = found
            return Located(ConversationId(conversation), HandoffId(handoff))
        words = isinstance(command, AgentSaid)
        return self.posts.get(ToPost(thread.team, thread.channel, thread.ts)) if words else None

    def _place_of_result(self, result: Result) -> Located | None:
        effect = self.effects.get(result.claim.effect_id)
        if effect is None:
            return None
        conversation = ConversationId(result.claim.lane.rsplit(":", 1)[1])
        handoff, subject = (getattr(effect, name, None) for name in ("handoff_id", "message_id"))
        return Located(conversation, handoff, subject)

    # --- loading, under lock -------------------------------------------------------------------

    def load(
        self, places: Mapping[int, Located], users: Sequence[ToUser], *, locked: bool
    ) -> dict[int, Located]:
        """Reads the conversations with their contacts and handoffs, makes new ones, and reads what
        the commands are about. The answer is the places with the handoffs of their messages.

        Not all `locked`: some were not there then, and another process may have made them since.
        """
        named = conversations_in(places)
        self._read_people([each for each in named if each not in self.conversations])
        if not locked and self.conversations:
            self._lock_and_read(sorted(self.conversations))
        new = {to.conversation_id: to for to in users}
        missing = {key: new[key] for key in new if key not in self.conversations}
        if missing:
            self._make(missing)
        self._read_messages({place.subject for place in places.values() if place.subject})
        whole = {key: self._whole(place) for key, place in places.items()}
        self._read_handoffs({place.handoff for place in whole.values() if place.handoff})
        return whole

    def _whole(self, place: Located) -> Located:
        if place.handoff is None and place.subject in self.messages:
            return replace(place, handoff=self.messages[place.subject].handoff_id)
        return place

    def _read_people(self, wanted: Sequence[str]) -> None:
        """The conversations with their contacts, and with the handoffs that they are in."""
        of_contact = len(CONVERSATION.names)
        of_handoff = of_contact + len(CONTACT.names)
        of_thread = of_handoff + len(HANDOFF.names)
        for row in self._run.people(wanted):
            conversation = CONVERSATION.read(row)
            contact = CONTACT.read(row, of_contact)
            self.conversations[conversation.id] = self.loaded[conversation.id] = conversation
            self.contacts[contact.id] = self.loaded[contact.id] = contact
            if row[of_handoff] is not None:
                self.has(HANDOFF.read(row, of_handoff))
            if row[of_thread] is not None:
                thread = THREAD.read(row, of_thread)
                self.threads[thread.handoff_id] = thread
            wrote, self.this, self.early, self.chain, some_early, some_silent = row[-6:]
            self.some_early, self.some_silent = bool(some_early), bool(some_silent)
            if wrote is not None:
                self.versions[conversation.id] = wrote

    def has(self, handoff: Handoff) -> None:
        self.handoffs[handoff.id] = self.loaded[handoff.id] = handoff

    def _read_handoffs(self, wanted: set[HandoffId]) -> None:
        for row in self._run.handoffs(wanted - self.handoffs.keys()):
            self.has(HANDOFF.read(row))

    def _read_messages(self, wanted: set[MessageId]) -> None:
        for row in self._run.messages(wanted):
            message = read_message(row)
            self.messages[message.id] = self.loaded[message.id] = message

    def _make(self, users: Mapping[ConversationId, ToUser]) -> None:
        """Rows for users who write for the first time; another process may do so too."""
        ordered = [users[key] for key in sorted(users)]
        self._run.insert_missing(CONTACT.shape, [_new_contact(to, self._now) for to in ordered])
        made = [_new_conversation(to, self._now) for to in ordered]
        self._run.insert_missing(CONVERSATION.shape, made)
        self._lock_and_read(sorted(users))

    def _lock_and_read(self, conversations: Sequence[ConversationId]) -> None:
        self._run.lock(conversations, ())
        self._read_people(conversations)

    def arriving(self, commands: Sequence[Command]) -> Iterable[str]:
        """The names, as commands await them, of what these will bring."""
        for command in commands:
            if isinstance(command, AgentSaid | UserSaid) and command.source:
                yield f"source:{command.source}"
            elif isinstance(command, Delivered) and command.place:
                effect = self.effects.get(command.claim.effect_id)
                if isinstance(effect, OpenThread):
                    yield ToThread(*command.place).key
                elif isinstance(effect, PostMessage):
                    yield ToPost(*command.place).key

    def later(self, command: Command, conversation: Conversation) -> MessageId | None:
        """Before which message a late one of an agent is shown."""
        if not isinstance(command, AgentSaid) or command.order >= conversation.agent_order:
            return None
        here = [
            (m.order, m.id)
            for m in self.messages.values()
            if m.conversation_id == conversation.id and m.leaves and m.order > command.order
        ]
        there = self._run.later(conversation.id, command.order)
        return min([*here, *there], default=("", None))[1]

    # --- what came early -----------------------------------------------------------------------

    def place_now(self, command: Command, threads: Iterable[Thread]) -> Located | None:
        """Where a command goes that waited for one of these threads, or for a message or a post in
        hand."""
        to = getattr(command, "to", None)
        if isinstance(to, ToThread):
            named = (
                t for t in threads if (t.team, t.channel, t.ts) == (to.team, to.channel, to.ts)
            )
            thread = next(named, None)
            return self._place_of_thread(thread) if thread else None
        if isinstance(to, ToMessage):
            return self._place_of_message(to)
        return self.posts.get(to) if isinstance(to, ToPost) else None

    def _place_of_thread(self, thread: Thread) -> Located:
        handoff = self.handoffs[thread.handoff_id]
        return Located(handoff.conversation_id, handoff.id)

    def _place_of_message(self, to: ToMessage) -> Located | None:
        for message in self.messages.values():
            if message.id == to.id or (to.source and message.source == to.source):
                return Located(message.conversation_id, message.handoff_id, message.id)
        return None


def conversations_in(places: Mapping[int, Located]) -> list[ConversationId]:
    """All of them, in the order of locks."""
    return sorted({each for p in places.values() for each in (p.conversation, *p.others)})


def addresses(commands: Sequence[Command], kind: type[A]) -> list[A]:
    """The addresses of this kind."""
    named = [c.to for c in commands if not isinstance(c, RESULTS)]
    return [to for to in named if isinstance(to, kind)]


def _new_contact(to: ToUser, now: Micros) -> Sequence[Any]:
    return CONTACT.write(
        Contact(
            id=to.contact_id,
            workspace_id=to.workspace_id,
            channel=to.channel,
            address=to.address,
            created_at=now,
            updated_at=now,
        )
    )


def _new_conversation(to: ToUser, now: Micros) -> Sequence[Any]:
    return CONVERSATION.write(
        Conversation(
            id=to.conversation_id,
            workspace_id=to.workspace_id,
            contact_id=to.contact_id,
            channel=to.channel,
            address=to.address,
            created_at=now,
        )
    )
