"""The lanes, within one transaction of the inbox: what is done is taken out, what is new is put in.

A lane that was idle is claimed on the way, when this process has room: its first effect is marked
as being sent in the same commit that brought it, and the worker has it without asking the database.
A lane whose effect was just answered goes on with its next one in the same way, or is released.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bridge.commands import Claim, Delivered, Result
from bridge.effects import CancelTimer, Effect, Outward, PostMessage, RefreshCard, SetTimer
from bridge.healing import following
from bridge.lanes import lane_of
from bridge.model import (
    ConversationId,
    HandoffId,
    Message,
    MessageId,
    Micros,
    Thread,
)
from bridge.stores import Work
from storage.ahead import take_out
from storage.bulk import Writes
from storage.leases import Leases
from storage.mapping import Row, Shape, read_effect, write_effect
from storage.putting import Puts
from storage.runner import Named, Runner

EFFECT = Shape(
    "effect",
    (
        "lane",
        "conversation_id",
        "kind",
        "body",
        "state",
        "attempts",
        "attempt_at",
        "created_at",
    ),
)


class Mailboxes:
    """Mutable, for one transaction."""

    def __init__(self, run: Runner, writes: Writes, now: Micros, leases: Leases) -> None:
        self._run = run
        self._writes = writes
        self._now = now
        self._leases = leases
        self._begin_by = leases.begin_by()
        self._settled: dict[str, Claim] = {}
        self._puts: dict[str, list[Outward]] = {}
        self._ahead: dict[str, list[Outward]] = {}
        self._timers: dict[str, SetTimer | None] = {}
        self._conversations: dict[str, ConversationId] = {}
        self._messages: Mapping[MessageId, Message] = {}
        self._threads: Mapping[HandoffId, Thread] = {}
        self._owner = ""
        self.unclaimed = False
        """Whether something is due that nobody has been given."""

    # --- what is done --------------------------------------------------------------------------

    def settle(self, results: Sequence[Result]) -> None:
        """Takes out the effects whose claim still holds, with those that went with them; the
        others are stale."""
        if not results:
            return
        joined = {r.claim: r.joined for r in results if isinstance(r, Delivered) and r.joined}
        valid = self._run.settle(list({result.claim for result in results}))
        self._settled = {claim.lane: claim for claim in valid}
        went = [effect for claim in valid for effect, _ in joined.get(claim, ())]
        if went:
            self._run.drop_effects(went)

    def is_settled(self, claim: Claim) -> bool:
        return self._settled.get(claim.lane) == claim

    # --- what is new ---------------------------------------------------------------------------

    def put(self, conversation: ConversationId, effects: Iterable[Effect]) -> None:
        for effect in effects:
            lane = lane_of(effect, conversation)
            self._conversations[lane] = conversation
            if isinstance(effect, SetTimer):
                self._timers[lane] = effect
            elif isinstance(effect, CancelTimer):
                self._timers[lane] = None
            elif isinstance(effect, RefreshCard):
                self._puts[lane] = [effect]
            else:
                self._puts.setdefault(lane, []).append(effect)

    @property
    def new(self) -> Mapping[str, Sequence[Outward]]:
        """By lane."""
        return self._puts

    def put_ahead(self, conversation: ConversationId, effects: Sequence[Outward]) -> None:
        """These go before all that waits in their lane."""
        for effect in effects:
            lane = lane_of(effect, conversation)
            self._conversations[lane] = conversation
            self._ahead.setdefault(lane, []).append(effect)

    # --- writing -------------------------------------------------------------------------------

    def save(
        self, messages: Mapping[MessageId, Message], threads: Mapping[HandoffId, Thread]
    ) -> None:
        """Gathers it all to be written with what the transaction brings; before that timers are
        set, and what waits behind something that goes ahead is taken out.

        `messages`, and the newest `threads`, are those that the transaction has in hand.
        """
        self._messages, self._threads = messages, threads
        self._save_timers()
        self._line_up()
        self._owner = self._put_all() if self._puts else ""
        if self._owner:
            self._expect()

    def taken(self, begun: Iterable[Row]) -> list[Work]:
        """After it is written: the work that this process has claimed on the way. What was settled
        goes on or is released by this; who settles nothing may do without. `begun`: what
        `Driver.write` gave."""
        heads = ((lane, effect, self._puts[lane][0]) for effect, lane in begun)
        taken = [
            self._work(Claim(effect, lane, self._owner, head), head, self._now)
            for lane, effect, head in heads
        ]
        return [*taken, *self._go_on()]

    def _save_timers(self) -> None:
        if not self._timers:
            return
        lanes = sorted(self._timers)
        self._run.owners(lanes)  # locks them before their effects, as claiming does
        self._run.drop_effects_of(lanes)
        gone = [lane for lane in lanes if self._timers[lane] is None]
        if gone:
            self._run.drop_lanes(gone)
        timers = [(lane, timer) for lane in lanes if (timer := self._timers[lane])]
        if timers:
            self._run.set_timers([self._timer_row(lane, timer) for lane, timer in timers])
            self.unclaimed |= any(timer.due <= self._now for _, timer in timers)
            self._writes.insert(EFFECT, [self._effect_row(lane, timer) for lane, timer in timers])

    def _line_up(self) -> None:
        """Behind what goes ahead stands what waits, and then what is new."""
        for lane, ahead in sorted(self._ahead.items()):
            waiting = take_out(self._run.driver, lane, ours=lane in self._settled)
            self._puts[lane] = [*ahead, *following(ahead, waiting), *self._puts.get(lane, ())]

    def _put_all(self) -> str:
        """When the rest is written; under this token, empty if this process has no room."""
        lanes, token = sorted(self._puts), self._token(self._puts)
        self._writes.puts = Puts(
            [(lane, self._conversations[lane]) for lane in lanes],
            {lane: [write_effect(each) for each in self._puts[lane]] for lane in lanes},
            token or None,
            self._now + self._leases.length if token else self._now,
            self._now,
        )
        return token

    def _expect(self) -> None:
        """One post alone need not wait for what can be asked meanwhile; many hide it by
        themselves."""
        put = (effect for effects in self._puts.values() for effect in effects)
        posts = [effect.handoff_id for effect in put if isinstance(effect, PostMessage)]
        thread = self._threads.get(posts[0]) if len(posts) == 1 else None
        if thread:
            self._leases.expect(thread)

    def _token(self, lanes: Iterable[str]) -> str:
        """For those of the lanes that are idle, if this process has room for them all."""
        if self._leases.room(list(lanes)) >= 0:
            return self._leases.token()
        self.unclaimed = True
        return ""

    def _go_on(self) -> list[Work]:
        """The next effect of each lane that was settled, or its release."""
        if not self._settled:
            return []
        lanes = sorted(lane for lane in self._settled if lane not in self._timers)
        timers = [lane for lane in lanes if lane.startswith("timer:")]
        if timers:
            self._run.drop_lanes(timers)
        lanes = [lane for lane in lanes if lane not in timers]
        return self._go_on_with(lanes) if lanes else []

    def _go_on_with(self, lanes: Sequence[str]) -> list[Work]:
        if self._leases.room() < 0:
            self._run.leave(lanes, self._now)
            self.unclaimed = True
            return []
        begun = self._run.go_on(lanes, self._now, self._now + self._leases.length)
        return [self._next(row) for row in begun]

    def _next(self, row: Named) -> Work:
        """In a lane that was settled."""
        effect, owner = read_effect(row["kind"], row["body"]), self._settled[row["lane"]].owner
        claim = Claim(row["id"], row["lane"], owner, effect)
        return self._work(claim, effect, row["created_at"])

    def _work(self, claim: Claim, effect: Outward, since: Micros) -> Work:
        conversation = ConversationId(claim.lane.rsplit(":", 1)[1])
        subject = self._messages.get(getattr(effect, "message_id", None) or MessageId(""))
        thread = self._threads.get(getattr(effect, "handoff_id", None) or HandoffId(""))
        return Work(
            claim,
            conversation,
            effect,
            since,
            attempts=1,
            subject=subject,
            thread=thread,
            begin_by=self._begin_by,
        )

    def _timer_row(self, lane: str, timer: SetTimer) -> dict[str, Any]:
        conversation = self._conversations[lane]
        return {"key": lane, "conversation_id": conversation, "due_at": timer.due, "failures": 0}

    def _effect_row(self, lane: str, effect: Outward) -> Row:
        return (lane, self._conversations[lane], *write_effect(effect), "ready", 0, 0, self._now)
