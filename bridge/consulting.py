"""An agent's question is put into another place of the desk's network (`asking`), performed. Raises
DeliveryError."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from bridge.commands import Delivered, Result
from bridge.errors import Refused
from bridge.favours import AskElsewhere
from bridge.model import Message, Micros
from bridge.ports import Clock, Receipt
from bridge.stores import Lanes, Reads, Work, in_time, looked_for, message_of, renewed
from bridge.views import View


@runtime_checkable
class Consults(Protocol):
    """A desk that can ask others: puts the question into that place as the head of a thread, once,
    under the key. Both raise DeliveryError; Refused where who asks, or the app, may not be."""

    async def ask(self, view: View, question: Message, place: str, key: str) -> Receipt: ...
    async def asked(self, place: str, key: str, since: Micros) -> Receipt | None:
        """Where the question with this key stands; None: nowhere (yet)."""
        ...


@dataclass(frozen=True, slots=True)
class Consulting:
    reads: Reads
    lanes: Lanes
    desk: object
    clock: Clock

    async def ask(self, work: Work, effect: AskElsewhere) -> Result:
        if not isinstance(self.desk, Consults):
            raise Refused("no_desk")
        view = await self.reads.view(effect.handoff_id)
        question = await message_of(self.reads, work, effect.message_id)
        if view is None or question is None:
            raise Refused("no_handoff")
        work, receipt = await self._found(work, self.desk, effect)
        if receipt is None:
            in_time(work)
            receipt = await self.desk.ask(view, question, effect.place, effect.message_id)
        return Delivered(work.claim, self.clock(), receipt.place)

    async def _found(
        self, work: Work, desk: Consults, effect: AskElsewhere
    ) -> tuple[Work, Receipt | None]:
        """Of a doubtful one where it stands; None: it may be put there now."""
        if not work.doubtful:
            return work, None
        asked = desk.asked(effect.place, effect.message_id, work.since)
        if (receipt := await looked_for(work, asked)) is not None:
            return work, receipt
        return await renewed(self.lanes, work), None
