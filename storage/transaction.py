"""One transaction of the inbox: many commands, decided one by one, written together.

The order is the same for every transaction, and so is the order of locks: receipts, conversations
(sorted), lanes. All lanes of a conversation are written under the conversation's lock, and claiming
skips what is locked, so two transactions never wait for each other in a circle.

The receipt of a command is written with its work, in the one commit; that is what makes a command
taken once, whatever is killed when.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection

from bridge.commands import (
    RESULTS,
    Accepted,
    AgentSaid,
    Answer,
    Command,
    Delivered,
    Duplicate,
    OpenHandoff,
    Rejected,
    Request,
    Result,
    ToConversation,
    ToHandoff,
    ToMessage,
    ToThread,
    ToUser,
)
from bridge.effects import Outward, PostMessage
from bridge.errors import BadData
from bridge.model import (
    Case,
    Contact,
    Conversation,
    ConversationId,
    Handoff,
    HandoffId,
    Message,
    MessageId,
    Micros,
    Status,
    Thread,
    replace,
)
from bridge.ports import TOPIC_WORK, Committed, topic_of
from bridge.results import settles_alone
from bridge.turn import Decision
from storage import statements as sql
from storage.database import dump
from storage.leases import Leases
from storage.mailboxes import Mailboxes
from storage.mapping import (
    CONTACT,
    CONVERSATION,
    HANDOFF,
    THREAD,
    read_effect,
    read_message,
    read_waiting,
    write_command,
    write_event,
    write_message,
)

A = TypeVar("A")
Decide = Callable[[Case, Command, Outward | None], Decision | Rejected]


@dataclass(frozen=True, slots=True)
class Located:
    """Where a command goes: the conversation, and the handoff or message that it is about."""

    conversation: ConversationId
    handoff: HandoffId | None = None
    subject: MessageId | None = None


class Transaction:
    """Mutable, for the time of one transaction; runs inside the database's thread or greenlet."""

    def __init__(
        self, connection: Connection, dialect: str, decide: Decide, now: Micros, leases: Leases
    ) -> None:
        self._run = sql.Runner(connection, dialect)
        self._decide = decide
        self._now = now
        self._boxes = Mailboxes(self._run, now, leases)
        self._answers: dict[int, Answer] = {}
        self._twins: dict[int, int] = {}
        self._conversations: dict[ConversationId, Conversation] = {}
        self._contacts: dict[str, Contact] = {}
        self._handoffs: dict[HandoffId, Handoff] = {}
        self._messages: dict[MessageId, Message] = {}
        self._loaded: dict[Any, Any] = {}
        self._threads: list[Thread] = []
        self._posts: list[dict[str, Any]] = []
        self._events: list[dict[str, Any]] = []
        self._waiting: list[dict[str, Any]] = []
        self._arrived: set[str] = set()
        self._effects: dict[int, Outward] = {}
        self._data: dict[int, dict[str, Any]] = {}
        self._refused: list[str] = []
        self._rung: set[ConversationId] = set()

    def run(self, commands: Sequence[Command]) -> Committed:
        fresh = self._receive(commands)
        self._read_effects([c for _, c in fresh if isinstance(c, RESULTS)])
        places = self._locate([c for _, c in fresh])
        self._load(places.values(), [c for _, c in fresh])
        claims = {c.claim for _, c in fresh if isinstance(c, RESULTS)}
        self._boxes.settle([claim for claim in claims if claim.effect_id in self._effects])
        for index, command in fresh:
            self._take(index, command, places.get(id(command)))
        self._take_waiting()
        self._save(commands)
        work = self._boxes.save(self._messages)
        self._answer_twins(commands)
        topics = {topic_of(c) for c in self._rung} | (
            {TOPIC_WORK} if self._boxes.unclaimed else set()
        )
        answers = tuple(self._answers[index] for index in range(len(commands)))
        return Committed(answers, tuple(work), frozenset(topics))

    # --- receipts ------------------------------------------------------------------------------

    def _receive(self, commands: Sequence[Command]) -> list[tuple[int, Command]]:
        """The commands that were not taken before; the others get their first answer again."""
        first: dict[str, int] = {}
        if any("\x00" in c.key for c in commands if not isinstance(c, RESULTS)):
            raise BadData("NUL in a key")  # PostgreSQL refuses it, SQLite would not find it again
        for index, command in enumerate(commands):
            if not isinstance(command, RESULTS):
                first.setdefault(command.key, index)
        rows = [(key, _digest(commands[index])) for key, index in sorted(first.items())]
        new = self._run.insert_receipts(rows, self._now)
        self._repeat(commands, first, new)
        return [
            (index, command)
            for index, command in enumerate(commands)
            if isinstance(command, RESULTS) or (command.key in new and first[command.key] == index)
        ]

    def _repeat(self, commands: Sequence[Command], first: Mapping[str, int], new: set[str]) -> None:
        old = {key: index for key, index in first.items() if key not in new}
        known = self._run.receipts(old) if old else {}
        for index, command in enumerate(commands):
            if isinstance(command, RESULTS):
                continue
            if command.key in known:
                digest, data = known[command.key]
                same = digest == _digest(command)
                self._answers[index] = Duplicate(data) if same else Rejected("id_reused")
            elif first[command.key] != index:
                self._twins[index] = first[command.key]

    def _answer_twins(self, commands: Sequence[Command]) -> None:
        """The same thing twice in one batch: the second has the answer of the first."""
        for index, first in self._twins.items():
            answer = self._answers[first]
            if _digest(commands[index]) != _digest(commands[first]):
                answer = Rejected("id_reused")
            elif isinstance(answer, Accepted):
                answer = Duplicate(answer.data)
            self._answers[index] = answer

    # --- finding and loading -------------------------------------------------------------------

    def _read_effects(self, results: Sequence[Result]) -> None:
        wanted = [result.claim.effect_id for result in results]
        if wanted:
            for effect_id, kind, body in self._run.effects(wanted):
                self._effects[effect_id] = read_effect(kind, body)

    def _locate(self, commands: Sequence[Command]) -> dict[int, Located]:
        """By command; one that is not in the answer has no place (yet)."""
        places: dict[int, Located] = {}
        threads = self._run.threads(_addresses(commands, ToThread))
        handoffs = self._run.handoff_places([to.id for to in _addresses(commands, ToHandoff)])
        self._load_subjects(commands)
        for command in commands:
            place = self._place_of(command, threads, handoffs)
            if place:
                places[id(command)] = place
        return places

    def _load_subjects(self, commands: Sequence[Command]) -> None:
        named = _addresses(commands, ToMessage)
        wanted: list[str] = [to.id for to in named if to.id]
        wanted += [m for e in self._effects.values() if (m := getattr(e, "message_id", None))]
        sources = [to.source for to in named if to.source]
        for row in self._run.messages(wanted, sources):
            message = read_message(row)
            self._messages[message.id] = self._loaded[message.id] = message

    def _place_of(
        self,
        command: Command,
        threads: Mapping[ToThread, tuple[str, str]],
        handoffs: Mapping[str, str],
    ) -> Located | None:
        if isinstance(command, RESULTS):
            return self._place_of_result(command)
        match command.to:
            case ToUser(conversation_id=conversation) | ToConversation(id=conversation):
                return Located(conversation)
            case ToHandoff(id=handoff) if handoff in handoffs:
                return Located(ConversationId(handoffs[handoff]), handoff)
            case ToThread() as thread if thread in threads:
                of, conversation_of = threads[thread]
                return Located(ConversationId(conversation_of), HandoffId(of))
            case ToMessage() as to:
                return self._place_of_message(to)
        return None

    def _place_of_result(self, result: Result) -> Located | None:
        effect = self._effects.get(result.claim.effect_id)
        if effect is None:
            return None
        conversation = ConversationId(result.claim.lane.rsplit(":", 1)[1])
        subject = getattr(effect, "message_id", None)
        message = self._messages.get(subject) if subject else None
        about = message.handoff_id if message else None
        return Located(conversation, getattr(effect, "handoff_id", about), subject)

    def _place_of_message(self, to: ToMessage) -> Located | None:
        for message in self._messages.values():
            if message.id == to.id or (to.source and message.source == to.source):
                return Located(message.conversation_id, message.handoff_id, message.id)
        return None

    def _load(self, places: Iterable[Located], commands: Sequence[Command]) -> None:
        """Reads and locks the conversations, with their contacts and handoffs; makes new ones."""
        places = list(places)
        wanted = sorted({place.conversation for place in places})
        self._read_conversations(wanted)
        new = {
            to.conversation_id: to
            for to in _addresses(commands, ToUser)
            if to.conversation_id not in self._conversations
        }
        if new:
            self._make(new)
        handoffs = {place.handoff for place in places if place.handoff}
        handoffs |= {c.handoff_id for c in self._conversations.values() if c.handoff_id}
        for row in self._run.handoffs(handoffs):
            handoff = HANDOFF.read(row)
            self._handoffs[handoff.id] = self._loaded[handoff.id] = handoff

    def _read_conversations(self, wanted: Sequence[str]) -> None:
        for row in self._run.conversations(wanted):
            conversation = CONVERSATION.read(row)
            self._conversations[conversation.id] = self._loaded[conversation.id] = conversation
        contacts = {c.contact_id for c in self._conversations.values()} - self._contacts.keys()
        for row in self._run.contacts(contacts):
            contact = CONTACT.read(row)
            self._contacts[contact.id] = self._loaded[contact.id] = contact

    def _make(self, users: Mapping[ConversationId, ToUser]) -> None:
        """Rows for users who write for the first time; another process may do so too."""
        ordered = [users[key] for key in sorted(users)]
        self._run.insert_missing("contact", [_new_contact(to, self._now) for to in ordered])
        made = [_new_conversation(to, self._now) for to in ordered]
        self._run.insert_missing("conversation", made)
        self._read_conversations(sorted(users))

    # --- deciding ------------------------------------------------------------------------------

    def _take(self, index: int, command: Command, place: Located | None) -> None:
        if isinstance(command, RESULTS):
            self._take_result(index, command, place)
        elif place is None or place.conversation not in self._conversations:
            self._answers[index] = self._misplaced(index, command)
        else:
            self._answers[index] = self._apply(index, command, place)

    def _misplaced(self, index: int, command: Request) -> Answer:
        """What is about a thread or a message that we do not know yet may only be early."""
        to = command.to
        if isinstance(to, ToThread | ToMessage) and _may_wait(command):
            kind, body = write_command(command)
            row = {"awaits": to.key, "kind": kind, "body": body, "at": self._now}
            self._waiting.append(row)
            self._data[index] = {"waiting": True}
            return Accepted(self._data[index])
        self._refused.append(command.key)
        return Rejected(f"unknown_{type(to).__name__.removeprefix('To').lower()}")

    def _take_result(self, index: int, result: Result, place: Located | None) -> None:
        effect = self._effects.get(result.claim.effect_id)
        if effect is None or place is None or not self._boxes.is_settled(result.claim):
            self._answers[index] = Rejected("stale")
            return
        del self._effects[result.claim.effect_id]  # the same once more is stale
        if isinstance(result, Delivered) and isinstance(effect, PostMessage) and result.place:
            self._post(place.conversation, effect, result.place)
        if settles_alone(effect, result):
            self._answers[index] = Accepted()
        else:
            self._answers[index] = self._apply(index, result, place, effect)

    def _post(
        self, conversation: ConversationId, effect: PostMessage, place: tuple[str, str, str]
    ) -> None:
        team, channel, ts = place
        self._posts.append(
            {
                "team": team,
                "channel": channel,
                "ts": ts,
                "workspace_id": self._conversations[conversation].workspace_id,
                "message_id": effect.message_id,
                "part": effect.part,
            }
        )

    def _apply(
        self, index: int, command: Command, place: Located, effect: Outward | None = None
    ) -> Answer:
        outcome = self._decide(self._case(command, place), command, effect)
        if isinstance(outcome, Rejected):
            if not isinstance(command, RESULTS):
                self._refused.append(command.key)
            return outcome
        self._keep(outcome)
        data = dict(outcome.data)
        if isinstance(command, OpenHandoff):
            data["position"] = 0
        if index >= 0:
            self._data[index] = data
        refused = data.get("rejected")
        return Rejected(refused, data) if refused else Accepted(data)

    def _case(self, command: Command, place: Located) -> Case:
        conversation = self._conversations[place.conversation]
        handoff = place.handoff or conversation.handoff_id
        return Case(
            conversation,
            self._contacts[conversation.contact_id],
            self._handoffs.get(handoff) if handoff else None,
            self._messages.get(place.subject) if place.subject else None,
            self._later(command, conversation),
        )

    def _later(self, command: Command, conversation: Conversation) -> MessageId | None:
        """Before which message a late one of an agent is shown."""
        if not isinstance(command, AgentSaid) or command.order >= conversation.agent_order:
            return None
        here = [
            (m.order, m.id)
            for m in self._messages.values()
            if m.conversation_id == conversation.id and m.leaves and m.order > command.order
        ]
        there = self._run.later(conversation.id, command.order)
        return min([*here, *there], default=("", None))[1]

    def _keep(self, decision: Decision) -> None:
        conversation = decision.conversation
        before = self._conversations[conversation.id]
        self._conversations[conversation.id] = conversation
        self._contacts[decision.contact.id] = decision.contact
        if decision.handoff:
            self._handoffs[decision.handoff.id] = decision.handoff
        for message in decision.messages:
            self._messages[message.id] = message
            if message.source:
                self._arrived.add(f"source:{message.source}")
        if decision.thread:
            self._threads.append(decision.thread)
            thread = decision.thread
            self._arrived.add(ToThread(thread.team, thread.channel, thread.ts).key)
        workspace = conversation.workspace_id
        self._events.extend(write_event(event, workspace) for event in decision.events)
        self._boxes.put(conversation.id, decision.effects)
        if conversation.rev > before.rev or conversation.epoch > before.epoch:
            self._rung.add(conversation.id)

    def _take_waiting(self) -> None:
        """What came early and is now about something that is here, in the order of its own time."""
        here = [row for row in self._waiting if row["awaits"] in self._arrived]
        self._waiting = [row for row in self._waiting if row["awaits"] not in self._arrived]
        there = self._run.take_early(self._arrived) if self._arrived else []
        commands = [read_waiting(row["kind"], row["body"]) for row in (*there, *here)]
        self._arrived = set()
        for command in sorted(commands, key=lambda c: c.at):
            thread = next((t for t in self._threads if _names(t, command.to)), None)
            place = self._place_of_thread(thread) if thread else None
            if place is None and isinstance(command.to, ToMessage):
                place = self._place_of_message(command.to)
            if place:
                self._apply(-1, command, place)
        if self._arrived:
            self._take_waiting()

    def _place_of_thread(self, thread: Thread) -> Located:
        handoff = self._handoffs[thread.handoff_id]
        return Located(handoff.conversation_id, handoff.id)

    # --- writing -------------------------------------------------------------------------------

    def _save(self, commands: Sequence[Command]) -> None:
        self._save_people()
        self._number()
        self._save_changed("handoff", self._handoffs, HANDOFF.write)
        self._save_changed("message", self._messages, write_message)
        workspace = {h.id: h.workspace_id for h in self._handoffs.values()}
        self._run.insert(
            "thread",
            [{**THREAD.write(t), "workspace_id": workspace[t.handoff_id]} for t in self._threads],
        )
        self._run.insert("post", self._posts)
        self._run.insert("event", self._events)
        self._run.insert("early", self._waiting)
        if self._refused:
            self._run.drop_receipts(self._refused)
        answers = [
            {"b_key": command.key, "answer": dump(self._data[index])}
            for index, command in enumerate(commands)
            if not isinstance(command, RESULTS) and self._data.get(index)
        ]
        self._run.answer_receipts(answers)

    def _save_people(self) -> None:
        self._save_changed("contact", self._contacts, CONTACT.write)
        self._save_changed("conversation", self._conversations, CONVERSATION.write)

    def _save_changed(
        self, table: str, things: Mapping[Any, Any], write: Callable[[Any], dict[str, Any]]
    ) -> None:
        new = [write(t) for key, t in sorted(things.items()) if key not in self._loaded]
        changed = [
            write(thing)
            for key, thing in sorted(things.items())
            if key in self._loaded and self._loaded[key] is not thing
        ]
        self._run.update(table, changed)  # first: one handoff may end and another one begin
        self._run.insert(table, new)

    def _number(self) -> None:
        """New handoffs get the next numbers of their workspace, and callers their place in line."""
        new = [h for h in self._handoffs.values() if h.number == 0]
        for handoff in new:
            number = self._run.count_up(handoff.workspace_id, "handoff")
            self._handoffs[handoff.id] = replace(handoff, number=number)
        numbered = {h.id: self._handoffs[h.id] for h in new}
        for data in self._data.values():
            opened = numbered.get(data.get("id", ""))
            if opened is None:
                continue
            data["number"] = opened.number
            if "position" in data:
                data["position"] = self._ahead_of(opened, numbered.values())

    def _ahead_of(self, handoff: Handoff, new: Iterable[Handoff]) -> int:
        """How many wait before it: those that are stored, and those of this transaction."""
        before = [h for h in new if h.queue == handoff.queue and h.number < handoff.number]
        waiting = sum(h.status is Status.QUEUED for h in before)
        return waiting + self._run.queue_length(handoff.workspace_id, handoff.queue)


def _addresses(commands: Sequence[Command], kind: type[A]) -> list[A]:
    """The addresses of this kind."""
    named = [c.to for c in commands if not isinstance(c, RESULTS)]
    return [to for to in named if isinstance(to, kind)]


def _digest(command: Command) -> str:
    return str(getattr(command, "digest", ""))


def _may_wait(command: Request) -> bool:
    return type(command).__name__ in ("AgentSaid", "AgentEdited", "AgentDeleted") and not (
        isinstance(command.to, ToMessage) and command.to.id
    )


def _names(thread: Thread, to: object) -> bool:
    return isinstance(to, ToThread) and (thread.team, thread.channel, thread.ts) == (
        to.team,
        to.channel,
        to.ts,
    )


def _new_contact(to: ToUser, now: Micros) -> dict[str, Any]:
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


def _new_conversation(to: ToUser, now: Micros) -> dict[str, Any]:
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
