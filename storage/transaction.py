"""One transaction of the inbox: many commands, decided one by one, written together.

The order of locks is the same for every transaction: the roster where agents' room is counted, the
count of what came early where something may be kept, conversations (sorted), lanes, and last the
unique keys of what is new, the receipts' among them. All lanes of a conversation are written under
the conversation's lock, and claiming skips what is locked, so two transactions never wait for each
other in a circle. Where all is known, the one statement locks in this order (`known.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from bridge.audit import Chain
from bridge.cases import Case, Decision
from bridge.commands import (
    RESULTS,
    Accepted,
    Answer,
    AssignNext,
    Command,
    Delivered,
    Echoed,
    OfAgent,
    OpenHandoff,
    Rejected,
    Request,
    Result,
    Stir,
    SwitchBot,
    ToPost,
    ToThread,
    ToUser,
)
from bridge.effects import Outward, Placed, PostMessage
from bridge.errors import BadData
from bridge.hooks import Endpoint, calls
from bridge.model import (
    ConversationId,
    MessageId,
    Micros,
    Thread,
    given,
)
from bridge.ports import TOPIC_EVENTS, TOPIC_WORK, topic_of
from bridge.results import settles_alone
from bridge.settling import asked_about
from bridge.stores import Committed
from storage.approvals import Approvals
from storage.beside import Switches, forget
from storage.bulk import EARLY, Proof, Writes
from storage.chain import Sealing, record
from storage.early import Early, awaits
from storage.faults import Moved
from storage.fresh import fresh
from storage.grounds import Grounds
from storage.known import Known, Learnt, Talks, Threads
from storage.learning import changed_with, learnt, remember
from storage.leases import Leases
from storage.looks import Looks
from storage.mailboxes import Mailboxes
from storage.mapping import (
    CONTACT,
    CONVERSATION,
    EVENT,
    HANDOFF,
    MESSAGE,
    THREAD,
    Mapper,
    Row,
    Shape,
    write_event,
)
from storage.numbering import number
from storage.places import Located, Room, addresses, conversations_in
from storage.posted import ASKS, QUESTION
from storage.receipts import RECEIPT, Receipts
from storage.roster import Roster
from storage.runner import Locked, Runner

Decide = Callable[[Case, Command, Outward | None], Decision | Rejected]
_THREAD = Shape("thread", (*THREAD.names, "workspace_id"))
_OF = EVENT.columns.index("conversation_id")
_POST = Shape("post", ("team", "channel", "ts", "workspace_id", "message_id", "part"))


class Done(NamedTuple):
    """What a transaction gives, once it is committed."""

    committed: Committed
    learnt: Learnt


class Transaction:
    """Mutable, for the time of one transaction."""

    def __init__(
        self,
        run: Runner,
        decide: Decide,
        now: Micros,
        leases: Leases,
        *,
        endpoints: Sequence[Endpoint] = (),
        chain: Chain | None = None,
        threads: Threads | None = None,
        known: Known | None = None,
        talks: Talks | None = None,
    ) -> None:
        """`endpoints`: the tools that are told of events; `chain`: what seals these; `threads`:
        those that are known already. `talks` are what is `known` of the conversations,
        where that is to be proved instead of being read under locks."""
        self._known = known
        self._awaited: Sequence[str] = ()
        self._run = run
        self._decide = decide
        self._now = now
        self._endpoints = endpoints
        self._chain = chain
        self._sealing: Sealing | None = None
        self._writes = Writes()
        self._room = Room(self._run, now, threads)
        remember(self._room, talks or {})
        self._boxes = Mailboxes(self._run, self._writes, now, leases)
        self._threads: list[Thread] = []
        self._events: list[Row] = []
        self._posts: list[Row] = []
        self._early = Early(self._run, now)
        self._rung: set[ConversationId] = set()
        self._written: set[ConversationId] = set()
        self._forgot: set[ConversationId] = set()
        self._switches = Switches(run.driver)
        self._roster = Roster(run, self._room)
        self._looks = Looks()
        self._approvals = Approvals(self._run.driver)
        beside = self._switches, self._roster, self._approvals, self._boxes
        self._grounds = Grounds(self._run, self._room, *beside, now)

    def run(self, commands: Sequence[Command]) -> Done:
        return self.done(self._run.write(self.decide(commands)))

    def decide(self, commands: Sequence[Command]) -> Writes:
        """All that is to be written, after what must be before."""
        self._receipts = receipts = Receipts(commands)
        self._roster.lock(commands)
        places = self._room.locate(commands)
        locking = conversations_in(places)
        early = [c for c in commands if id(c) not in places and awaits(c)]
        awaited = sorted({*map(awaits, early), *self._room.arriving(commands)})
        # What was delivered as a rule brings no events: others have better use for the lock.
        seals = self._chain is not None and not all(isinstance(c, Delivered) for c in commands)
        if early:
            self._room.early = self._run.count_up("", EARLY)
        locked = self._locked(locking, awaited, seals=seals)
        new = receipts.fresh(locked.receipts)
        if (early and self._room.locate(early)) or self._room.moved(commands, places):
            raise BadData("what it is about came meanwhile")  # and is found when it is tried again
        asked = [command for _, command in new]
        wanted = {id(c): places[id(c)] for c in asked if id(c) in places}
        places = self._room.load(wanted, addresses(asked, ToUser), locked=locked.all)
        if self._room.this and self._room.early is None:  # the first one puts the count there
            self._room.early = self._run.count_up("", EARLY, 0)
        self._early.some, self._switches.some = self._room.some_early, self._room.some_silent
        if self._chain and locked.chain:
            known = self._known.head if self._known else None
            self._sealing = Sealing(self._run.driver, self._chain, self._room.chain, known)
        results = [c for c in asked if isinstance(c, RESULTS)]
        self._boxes.settle([r for r in results if r.claim.effect_id in self._room.effects])
        for index, command in new:
            self._take(index, command, places.get(id(command)))
        self._take_waiting()
        self._save()
        return self._writes

    def done(self, begun: Iterable[Row]) -> Done:
        """When it is written; `begun`: what `Driver.write` gave. Lanes that were settled go on."""
        return Done(self._committed(self._boxes.taken(begun)), self._learnt())

    def _locked(
        self, conversations: Sequence[str], awaited: Sequence[str], *, seals: bool
    ) -> Locked:
        if self._known is None:
            return self._run.lock(conversations, self._receipts.keys, awaited, seals=seals)
        self._awaited = awaited
        return Locked({}, all=True, chain=seals)  # a receipt that there is lets nothing be written

    def _learnt(self) -> Learnt:
        newest = self._sealing.newest if self._sealing else None
        return learnt(self._room, self._written, self._forgot, self._writes.wrote, newest)

    def _committed(self, work: Sequence[Any]) -> Committed:
        topics = {topic_of(conversation) for conversation in self._rung} | self._roster.topics
        if self._boxes.unclaimed:
            topics.add(TOPIC_WORK)
        if self._events:
            topics.add(TOPIC_EVENTS)
        answers, changed = self._receipts.answers(), fresh(self._room, self._rung)
        return Committed(answers, tuple(work), frozenset(topics), changed)

    # --- deciding ------------------------------------------------------------------------------

    def _take(self, index: int, command: Command, place: Located | None) -> None:
        if isinstance(command, RESULTS):
            self._receipts.answer(index, self._result(index, command, place))
        elif isinstance(command, SwitchBot):
            answer, events = self._switches.apply(command)
            self._events.extend(events)
            self._receipts.keep(index, answer.data)
            self._receipts.answer(index, answer)
        elif isinstance(command, OfAgent):
            self._receipts.answer(index, self._attend(index, command))
        elif isinstance(command, Stir):
            self._looks.stir(command.to.workspace_id)
            self._receipts.answer(index, Accepted())
        elif place is None or place.conversation not in self._room.conversations:
            self._receipts.answer(index, self._misplaced(index, command))
        else:
            self._receipts.answer(index, self._apply(index, command, place))

    def _attend(self, index: int, command: OfAgent) -> Answer:
        attended, workspace = self._roster.attend(command), command.to.workspace_id
        if attended.refused:
            return Rejected(attended.refused)
        if attended.event:
            self._events.append(write_event(attended.event, workspace))
        self._boxes.put(ConversationId(command.to.id), attended.effects)
        self._looks.stir(workspace, wanted=attended.stirs)
        self._receipts.keep(index, attended.data)
        return Accepted(attended.data)

    def _misplaced(self, index: int, command: Request) -> Answer:
        """What is about a thread or a message that we do not know yet may only be early."""
        to = command.to
        if name := awaits(command):
            self._early.keep(name, command)
            data = {"waiting": True}
            self._receipts.keep(index, data)
            return Accepted(data)
        return Rejected(f"unknown_{type(to).__name__.removeprefix('To').lower()}")

    def _result(self, index: int, result: Result, place: Located | None) -> Answer:
        effect = self._room.effects.get(result.claim.effect_id)
        if effect is None or place is None or not self._boxes.is_settled(result.claim):
            return Rejected("stale")
        del self._room.effects[result.claim.effect_id]  # the same once more is stale
        if isinstance(result, Delivered) and isinstance(effect, PostMessage) and result.place:
            self._post(place.conversation, effect, result)
        about, subjects = asked_about(effect), (place.subject, place.handoff)
        if isinstance(result, Delivered) and result.place and about in subjects:
            at = *result.place, self._room.conversations[place.conversation].workspace_id
            self._posts.append((*at, about, ASKS))
        if isinstance(result, Delivered) and isinstance(effect, Placed) and result.place:
            self._sent(place, effect.message_id, getattr(effect, "part", QUESTION), result.place)
        if self._looks.took(effect, result) or settles_alone(effect, result):
            return Accepted()
        return self._apply(index, result, place, effect)

    def _post(
        self, conversation: ConversationId, effect: PostMessage, delivered: Delivered
    ) -> None:
        """Where what was said stands; several messages may stand in one post, by their place in
        it."""
        place, room = given(delivered.place), self._room
        post = ToPost(*place)
        room.posts[post] = Located(conversation, effect.handoff_id, effect.message_id)
        self._early.arrive(post.key)
        at = *place, room.conversations[conversation].workspace_id
        self._posts.append((*at, effect.message_id, effect.part))
        self._posts.extend((*at, message, 0) for _, message in delivered.joined)

    def _sent(
        self, place: Located, message: MessageId, part: int, at: tuple[str, str, str]
    ) -> None:
        """Where the user's channel has a part of a message, or another place a question. A channel
        may tell twice: by its answer and by an echo."""
        post, room = ToPost(*at), self._room
        if post not in room.posts:
            room.posts[post] = place
            workspace = room.conversations[place.conversation].workspace_id
            self._posts.append((*at, workspace, message, part))

    def _apply(
        self, index: int, command: Command, place: Located, effect: Outward | None = None
    ) -> Answer:
        case = self._grounds.of(command, place, effect)
        outcome = self._decide(case, command, effect)
        if isinstance(outcome, Rejected):
            if self._known:  # it leaves no receipt, which would find that it was taken before
                raise Moved
            return outcome
        self._keep(outcome)
        for block, where in self._room.blocked_elsewhere(command, outcome, place):
            self._apply(-1, block, where)
        if isinstance(command, AssignNext) and outcome.handoff:
            self._roster.gave(command)
        if isinstance(command, Echoed) and place.subject:
            self._sent(place, place.subject, command.part, command.place)
        data = dict(outcome.data)
        if isinstance(command, OpenHandoff):
            data["position"] = 0
        if index >= 0 and not isinstance(command, RESULTS):
            self._receipts.keep(index, data)
        refused = data.get("rejected")
        return Rejected(refused, data) if refused else Accepted(data)

    def _keep(self, decision: Decision) -> None:
        conversation = decision.conversation
        before = self._room.conversations[conversation.id]
        self._room.conversations[conversation.id] = conversation
        for contact in (decision.contact, *decision.others):
            self._room.contacts[contact.id] = contact
        if decision.handoff:
            self._room.handoffs[decision.handoff.id] = decision.handoff
        if decision.forget:
            self._forget(conversation.id)
        for message in decision.messages:
            self._room.messages[message.id] = message
            if message.source:
                self._early.arrive(f"source:{message.source}")
        if thread := decision.thread:
            self._threads.append(thread)
            self._room.threads[thread.handoff_id] = thread
            self._early.arrive(ToThread(thread.team, thread.channel, thread.ts).key)
        workspace = conversation.workspace_id
        self._events.extend(write_event(event, workspace) for event in decision.events)
        self._approvals.keep(decision.approvals)
        self._boxes.put(conversation.id, decision.effects)
        self._boxes.put_ahead(conversation.id, decision.ahead)
        if self._endpoints:
            self._boxes.put(conversation.id, calls(self._endpoints, decision))
        self._looks.stir(workspace, wanted=decision.stirs)
        seen = conversation.rev > before.rev or conversation.epoch > before.epoch
        if seen or decision.approvals:
            self._rung.add(conversation.id)

    def _forget(self, conversation: ConversationId) -> None:
        """At once: what is said later in this transaction stays."""
        self._forgot.add(conversation)
        forget(self._run.driver, conversation)
        self._approvals.forget(conversation)
        messages = self._room.messages
        for gone in [m.id for m in messages.values() if m.conversation_id == conversation]:
            del messages[gone]

    def _take_waiting(self) -> None:
        """What came early and is now about something that is here."""
        while commands := self._early.take():
            for command in commands:
                place = self._room.place_now(command, self._threads)
                if place:
                    self._apply(-1, command, place)

    # --- writing -------------------------------------------------------------------------------

    def _save(self) -> None:
        """Gathers all that has changed."""
        room, writes = self._room, self._writes
        number(self._run, room.handoffs, self._receipts, self._now)
        events = (ConversationId(event[_OF]) for event in self._events)
        touched = self._forgot | changed_with(room, self._threads, events)
        self._save_changed(CONTACT, room.contacts)
        self._written = self._save_changed(CONVERSATION, room.conversations, touched)
        self._save_changed(HANDOFF, room.handoffs)
        self._save_changed(MESSAGE, room.messages)
        workspace = {h.id: h.workspace_id for h in room.handoffs.values()}
        threads = [(*THREAD.write(t), workspace[t.handoff_id]) for t in self._threads]
        writes.insert(_THREAD, threads)
        writes.insert(_POST, self._posts)
        record(writes, self._events, room.messages, self._sealing)
        self._approvals.save(writes)
        self._early.save(writes)
        self._roster.save()
        for look, timer in self._looks.timers(self._now):
            self._boxes.put(look, [timer])
        writes.insert(RECEIPT, self._receipts.rows(self._now))
        if self._known:
            head = self._known.head if self._sealing and self._sealing.newest else None
            early = self._known.early or 0
            writes.proof = Proof(room.versions, self._awaited, early, head)
        self._boxes.save(room.messages, room.threads)

    def _save_changed(
        self, mapper: Mapper[Any], things: Mapping[Any, Any], also: Container[Any] = ()
    ) -> set[Any]:
        """Which rows are written; `also`: some that are though they say the same."""
        new, changed, keys = list[Row](), list[Row](), set[Any]()
        loaded = self._room.loaded
        for key, thing in sorted(things.items()):
            if key not in loaded:
                new.append(mapper.write(thing))
            elif loaded[key] is not thing or key in also:
                changed.append(mapper.write(thing))
            else:
                continue
            keys.add(key)
        self._writes.insert(mapper.shape, new)
        self._writes.update(mapper.shape, changed)
        return keys
