"""A world of one conversation, folded by `decide` in memory: what the store does, without one.

Only as much as the rules need: addresses are looked up, receipts taken once, effects queued, a
timer of each kind kept once, handoffs numbered. Nothing is performed unless a test answers an
effect.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from bridge.cases import Case, Decision
from bridge.commands import (
    RESULTS,
    Accepted,
    AgentDeleted,
    AgentEdited,
    AgentSaid,
    Answer,
    Claim,
    Command,
    Duplicate,
    Recall,
    Rejected,
    Result,
    ThreadLost,
    ToHandoff,
    ToMessage,
    ToThread,
    ToUser,
    Transfer,
    UserRead,
)
from bridge.effects import CancelTimer, Effect, Outward, SendToUser, SetTimer
from bridge.events import Event
from bridge.gates import Approval
from bridge.lanes import lane_of
from bridge.lifecycle import decide
from bridge.model import (
    DEFAULT_WORKSPACE,
    Agent,
    AgentId,
    Author,
    Contact,
    Conversation,
    Handoff,
    HandoffId,
    Message,
    MessageId,
    Role,
    Standing,
    Thread,
    Visibility,
    contact_id,
    conversation_id,
)
from bridge.policy import Alerts, BotPolicy, Calling, Policy, Still, Traits
from bridge.queues import NO_LINE, InLine
from bridge.routing import Bench
from bridge.templates import Template, Templates

E = TypeVar("E")
TAKING_BACK = (AgentEdited, AgentDeleted, Recall)
START = 1_700_000_000_000_000
CNV = conversation_id(DEFAULT_WORKSPACE, "webchat", "sam")
SAM = ToUser(
    DEFAULT_WORKSPACE, CNV, contact_id(DEFAULT_WORKSPACE, "webchat", "sam"), "webchat", "sam", "Sam"
)
ANA = Agent(AgentId("U1"), "Ana", "https://desk.example/ana.png")
BEN = Agent(AgentId("U2"), "Ben")
GUEST = Agent(AgentId("U9"), "Guest", member=False)

QUIET = Alerts(mention=Calling.NEVER, overdue_after=0, held_after=0)
"""Calls nobody and sets no timer."""
BOT = Policy(
    bots=(BotPolicy("robo"),),
    channels={"webchat": Traits(max_text=200, reads_store=True, edits=True, deletes=True)},
    assignment_timeout={"webchat": 900_000_000},
    alerts=QUIET,
    still=Still(most=0),
    templates=Templates(
        shortcuts=(
            Template("hello", {"en": "Hello {{userName}}", "fr": "Bonjour {{userName}}"}),
            Template("order", {"en": "{{attributes.order}} is on its way"}),
        )
    ),
)
NO_BOT = replace(BOT, bots=())
MAIL = replace(BOT, channels={"webchat": Traits(max_text=20)})
"""A channel that takes messages from us, short ones, and follows neither edits nor deletes."""


@dataclass
class World:
    policy: Policy = BOT
    now: int = START
    conversation: Conversation = field(
        default_factory=lambda: Conversation(
            CNV, DEFAULT_WORKSPACE, SAM.contact_id, "webchat", "sam"
        )
    )
    contact: Contact = field(
        default_factory=lambda: Contact(SAM.contact_id, DEFAULT_WORKSPACE, "webchat", "sam")
    )
    handoffs: dict[HandoffId, Handoff] = field(default_factory=dict)
    messages: dict[MessageId, Message] = field(default_factory=dict)
    threads: dict[ToThread, HandoffId] = field(default_factory=dict)
    newest: dict[HandoffId, Thread] = field(default_factory=dict)
    waiting: dict[int, Outward] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    receipts: dict[str, dict[str, Any]] = field(default_factory=dict)
    history: list[Decision] = field(default_factory=list)
    approvals: dict[str, Approval] = field(default_factory=dict)
    count: int = 0
    silent: dict[str, str] = field(default_factory=dict)
    """Bots that are paused in all their conversations."""
    line: InLine = NO_LINE
    """How the handoff stands among those that wait."""
    bench: Bench | None = None
    """Of whom routing gives something."""
    begun: bool = False
    """Somebody is sending what waits for the user."""

    # --- asking ----------------------------------------------------------------------------------

    @property
    def handoff(self) -> Handoff:
        """The conversation's own: the open one, or the latest."""
        assert self.conversation.handoff_id is not None
        return self.handoffs[self.conversation.handoff_id]

    @property
    def thread(self) -> ToThread:
        return next(to for to, of in self.threads.items() if of == self.handoff.id)

    def said_by(self, role: Role) -> list[Message]:
        return [m for m in self.in_order() if m.author.role is role]

    def in_order(self) -> list[Message]:
        return sorted(self.messages.values(), key=lambda m: m.seq)

    def effects(self, kind: type[E]) -> list[E]:
        """Those that wait to be performed."""
        return [effect for effect in self.waiting.values() if isinstance(effect, kind)]

    # --- doing -----------------------------------------------------------------------------------

    def tick(self, seconds: float = 1.0) -> int:
        self.now += int(seconds * 1_000_000)
        return self.now

    def key(self) -> str:
        self.count += 1
        return f"k{self.count}"

    def do(self, command: Command) -> Answer:
        """As `inbox.handle`: once for each key, and nothing changes when it is rejected."""
        if not isinstance(command, RESULTS) and command.key in self.receipts:
            return Duplicate(self.receipts[command.key])
        effect = self._take(command) if isinstance(command, RESULTS) else None
        if isinstance(command, RESULTS) and effect is None:
            return Rejected("stale")
        case = self.case(command, effect)
        if case is None:
            return Rejected("unknown")
        outcome = decide(case, command, self.policy, effect)
        if isinstance(outcome, Rejected):
            return outcome
        self._keep(outcome)
        if not isinstance(command, RESULTS):
            self.receipts[command.key] = outcome.data
        refused = outcome.data.get("rejected")
        return Rejected(refused, outcome.data) if refused else Accepted(outcome.data)

    def answer(self, kind: type[Any], make: Callable[[Claim], Result]) -> Answer:
        """Answers the first waiting effect of the kind, as the outbox does."""
        found = next(n for n, effect in self.waiting.items() if isinstance(effect, kind))
        return self.do(make(Claim(found, lane_of(self.waiting[found], CNV), "w.1")))

    # --- as the store does -----------------------------------------------------------------------

    def case(self, command: Command, effect: Outward | None = None) -> Case | None:
        """What `decide` is shown; None: the address is not known."""
        to = getattr(command, "to", None)
        handoff, subject = self.conversation.handoff_id, None
        if isinstance(to, ToHandoff | ToThread):
            handoff = to.id if isinstance(to, ToHandoff) else self.threads.get(to)
            if handoff not in self.handoffs:
                return None
        if isinstance(to, ToMessage):
            subject = self._message(to)
            if subject is None:
                return None
        if effect is not None:
            handoff = getattr(effect, "handoff_id", None) or handoff
            subject = self.messages.get(getattr(effect, "message_id", None) or MessageId(""))
        if subject is not None and subject.handoff_id:
            handoff = subject.handoff_id
        mine = self.handoffs.get(handoff) if handoff else None
        if isinstance(command, Recall) and subject is None:
            subject = self._last_reply(command, mine)
        later = self._later(command)
        ends = isinstance(command, ThreadLost | Transfer)
        thread = self.newest.get(mine.id) if mine and ends else None
        unsent = self._unsent(subject) if isinstance(command, TAKING_BACK) else 0
        who = self.conversation, self.contact
        seen = self._seen(command.seq) if isinstance(command, UserRead) else ("", "")
        return Case(
            *(*who, mine, subject, later, self.silent, thread, unsent, seen, self.line, self.bench),
            spoke=self._spoke(mine),
            approvals=tuple(self.approvals.values()),
            unanswered=self._unanswered(),
        )

    def _unanswered(self) -> str:
        said = [*self.said_by(Role.BOT), *self.said_by(Role.AGENT)]
        last = max((m.seq for m in said if m.visibility is Visibility.PUBLIC), default=0)
        return next((m.text for m in self.said_by(Role.USER) if m.seq > last), "")

    def _spoke(self, handoff: Handoff | None) -> Author | None:
        said = [m for m in self.said_by(Role.AGENT) if m.leaves]
        mine = [m for m in said if handoff and m.handoff_id == handoff.id]
        return max(mine, key=lambda m: m.seq).author if mine else None

    def _seen(self, upto: int) -> tuple[str, str]:
        said = [m for m in self.said_by(Role.AGENT) if m.source and m.standing is Standing.SENT]
        read = self.conversation.read_seq

        def newest(seq: int) -> str:
            return max([(m.seq, m.source or "") for m in said if m.seq <= seq], default=(0, ""))[1]

        return newest(read), newest(max(upto, read))

    def _unsent(self, subject: Message | None) -> int:
        sends = [
            effect.parts
            for effect in self.effects(SendToUser)
            if subject and effect.message_id == subject.id and not effect.change
        ]
        whole = bool(sends) and len(sends) == sends[0]
        return sends[0] if whole and not self.begun else 0

    def _last_reply(self, command: Recall, handoff: Handoff | None) -> Message | None:
        said = [m for m in self.said_by(Role.AGENT) if m.author.id == command.by.id and m.leaves]
        mine = [m for m in said if handoff and m.handoff_id == handoff.id]
        return mine[-1] if mine else None

    def _message(self, to: ToMessage) -> Message | None:
        found = (m for m in self.messages.values() if to.source and m.source == to.source)
        return self.messages.get(to.id) if to.id else next(found, None)

    def _later(self, command: Command) -> MessageId | None:
        if not isinstance(command, AgentSaid):
            return None
        shown = [(m.order, m.id) for m in self.messages.values() if m.leaves and m.order]
        return min([x for x in shown if x[0] > command.order], default=("", None))[1]

    def _take(self, result: Result) -> Outward | None:
        return self.waiting.pop(result.claim.effect_id, None)

    def _keep(self, decision: Decision) -> None:
        self.history.append(decision)
        self.conversation, self.contact = decision.conversation, decision.contact
        if decision.forget:
            self.messages.clear()
        if handoff := decision.handoff:
            number = handoff.number or len(self.handoffs) + 1
            self.handoffs[handoff.id] = replace(handoff, number=number)
        for message in decision.messages:
            self.messages[message.id] = message
        if thread := decision.thread:
            self.threads[ToThread(thread.team, thread.channel, thread.ts)] = thread.handoff_id
            self.newest[thread.handoff_id] = thread
        self.approvals |= {each.id: each for each in decision.approvals}
        self.events.extend(decision.events)
        for effect in (*decision.ahead, *decision.effects):
            self._put(effect)

    def _put(self, effect: Effect) -> None:
        if isinstance(effect, SetTimer | CancelTimer):
            lane = lane_of(effect, CNV)
            same = [n for n, old in self.waiting.items() if lane_of(old, CNV) == lane]
            for n in same:
                del self.waiting[n]
        if not isinstance(effect, CancelTimer):
            self.count += 1
            self.waiting[self.count] = effect
