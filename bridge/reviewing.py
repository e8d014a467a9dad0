"""Approvals before those who decide (`approving`), performed. Raises DeliveryError.

The card of one stands in the thread of the handoff that was open when it was asked, else in a place
of the desk's own, with what was said last. It is drawn from how things are then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias, runtime_checkable

from bridge.commands import Delivered, Result
from bridge.errors import Refused, Retry
from bridge.favours import AskApproval, CallReviewers, RefreshApproval
from bridge.gates import Approval
from bridge.lists import Lists
from bridge.model import Contact, Message, Micros, Thread
from bridge.ports import Clock, Receipt
from bridge.stores import LATEST, Lanes, Reads, Work, in_time, looked_for, renewed

Reviewed: TypeAlias = AskApproval | CallReviewers | RefreshApproval


@dataclass(frozen=True, slots=True)
class Shown:
    """What reviewers see. `contact`: None for what is about no conversation; `thread`: where it
    stands, None: in a place of its own; `said`: the last messages."""

    approval: Approval
    contact: Contact | None = None
    thread: Thread | None = None
    said: tuple[Message, ...] = ()


class Reviews(Protocol):
    """All raise DeliveryError."""

    async def ask_approval(self, shown: Shown, key: str) -> Receipt: ...
    async def asked_approval(self, shown: Shown, key: str, since: Micros) -> Receipt | None:
        """Where the card, or the call below it, with this key stands; None: nowhere (yet)."""
        ...

    async def call_reviewers(self, shown: Shown, whom: tuple[str, ...], key: str) -> Receipt:
        """Below the card."""
        ...

    async def redraw_approval(self, shown: Shown) -> None:
        """A card that is gone is left so."""
        ...


@runtime_checkable
class HasReviewers(Protocol):
    """A desk whose people decide about drafts."""

    @property
    def reviewer(self) -> Reviews: ...


@dataclass(frozen=True, slots=True)
class Reviewing:
    """`said`: so many of the last messages are shown beside a draft that is in no thread."""

    reads: Reads
    lists: Lists
    lanes: Lanes
    desk: object
    clock: Clock
    said: int

    async def show(self, work: Work, effect: Reviewed) -> Result:
        approval = await self.lists.approval(effect.approval_id)
        if not isinstance(self.desk, HasReviewers) or approval is None:
            raise Refused("no_desk")
        desk = self.desk.reviewer
        shown = await self._shown(approval)
        match effect:
            case AskApproval():
                return await self._ask(work, desk, shown)
            case CallReviewers():
                return await self._call(work, desk, shown, effect)
            case _:
                return await self._redraw(work, desk, shown)

    async def _shown(self, approval: Approval) -> Shown:
        thread = None
        if approval.handoff_id:
            thread = await self.reads.thread(approval.handoff_id)
            if thread is None:
                raise Retry("no_thread", 1.0)
        contact = await self.reads.contact(approval.conversation_id)
        if contact is None or approval.is_alone:
            return Shown(approval, None, thread)
        if thread or not self.said:
            return Shown(approval, contact, thread)
        said = await self.reads.before(approval.conversation_id, LATEST, self.said)
        return Shown(approval, contact, thread, tuple(said))

    async def _ask(self, work: Work, desk: Reviews, shown: Shown) -> Result:
        key = shown.approval.id
        work, receipt = await self._found(work, desk, shown, key)
        if receipt is None:
            in_time(work)
            receipt = await desk.ask_approval(shown, key)
        return Delivered(work.claim, self.clock(), receipt.place, shown.approval.version)

    async def _call(self, work: Work, desk: Reviews, shown: Shown, effect: CallReviewers) -> Result:
        """Nobody is called to what is decided, or stands nowhere."""
        key = f"{shown.approval.id}/{'others' if effect.again else 'again'}"
        if shown.approval.is_pending and shown.approval.place:
            work, there = await self._found(work, desk, shown, key)
            if there is None:
                in_time(work)
                await desk.call_reviewers(shown, effect.whom, key)
        return Delivered(work.claim, self.clock())

    async def _redraw(self, work: Work, desk: Reviews, shown: Shown) -> Result:
        if shown.approval.place:
            await desk.redraw_approval(shown)
        return Delivered(work.claim, self.clock())

    async def _found(
        self, work: Work, desk: Reviews, shown: Shown, key: str
    ) -> tuple[Work, Receipt | None]:
        """Of a doubtful one where it stands; None: it may be put there now."""
        if not work.doubtful:
            return work, None
        asked = desk.asked_approval(shown, key, work.since)
        if (receipt := await looked_for(work, asked)) is not None:
            return work, receipt
        return await renewed(self.lanes, work), None
