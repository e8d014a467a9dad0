"""How each effect is performed: what it needs is looked up, the adapter is called, and what came of
it becomes a command; what the desk shows is in `showing.py`. Raises DeliveryError; what to do
about that is the outbox's business.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from bridge.alerts import SendAlert
from bridge.calling import Caller
from bridge.commands import Delivered, NotDelivered, Result, Routed, TimerFired
from bridge.effects import (
    CallBot,
    CallHook,
    FetchFiles,
    Linger,
    OpenThread,
    SendMail,
    SendToUser,
    SetTimer,
    TimerKind,
)
from bridge.errors import Retry
from bridge.favours import (
    AskApproval,
    AskElsewhere,
    CallAction,
    CallReviewers,
    RefreshApproval,
)
from bridge.filing import parts as parts_of
from bridge.links import Links
from bridge.mailman import Mailman
from bridge.model import SECOND, Attachment, Conversation, Message
from bridge.ports import Bot, Channel, Clock, Corrects, Finds, Outgoing, Uploads
from bridge.reviewing import Reviewed
from bridge.showing import Showing
from bridge.stores import Reads, Work, in_time, message_of
from bridge.transfers import Transfers


async def _nobody(_work: Work, _effect: CallHook) -> None:
    """Where there are no tools."""


async def _nowhere(work: Work) -> Result:
    """Where there is no routing."""
    return Routed(work.claim, work.since)


async def _unasked(work: Work, _effect: AskElsewhere) -> Result:
    """Where nobody else can be asked."""
    return NotDelivered(work.claim, work.since, "no_desk")


async def unreviewed(work: Work, _effect: Reviewed) -> Result:
    """Where nobody decides about drafts."""
    return NotDelivered(work.claim, work.since, "no_desk")


async def _unknown(work: Work, _effect: CallAction) -> Result:
    """Where there are no actions of one's own."""
    return NotDelivered(work.claim, work.since, "no_action")


async def _untold(work: Work, _alert: SendAlert) -> Result:
    """Where nobody wants to be told anything."""
    return NotDelivered(work.claim, work.since, "no_such_place")


@dataclass(slots=True)
class Performer:
    """Everything that `perform` calls. One for each process."""

    reads: Reads
    channels: Mapping[str, Channel]
    bots: Mapping[str, Bot]
    clock: Clock
    showing: Showing
    transfers: Transfers
    links: Links
    mailman: Mailman
    call_hook: Callable[[Work, CallHook], Awaitable[None]] = _nobody
    """How tools are told."""
    route: Callable[[Work], Awaitable[Result]] = _nowhere
    """How handoffs find their agents."""
    ask: Callable[[Work, AskElsewhere], Awaitable[Result]] = _unasked
    """How others are asked."""
    invoke: Callable[[Work, CallAction], Awaitable[Result]] = _unknown
    """How other systems do things."""
    alert: Callable[[Work, SendAlert], Awaitable[Result]] = _untold
    """How others are told what the desk should know."""
    review: Callable[[Work, Reviewed], Awaitable[Result]] = unreviewed
    """How drafts come before those who decide."""

    async def perform(self, work: Work) -> Result:
        """Does it, and says what came of it."""
        effect = work.effect
        match effect:
            case SetTimer():
                return await self._fire(work, effect)
            case SendMail():
                return await self.mailman.send(work, effect)
            case CallBot():
                return await self._call(work, effect)
            case CallHook():
                return await self._tell(work, effect)
            case SendToUser():
                return await self._send(work, effect)
            case Linger():
                return self._linger(work, effect)
            case FetchFiles():
                return await self._fetch(work, effect)
            case AskElsewhere() | CallAction() | SendAlert():
                return await self._of_others(work, effect)
            case AskApproval() | CallReviewers() | RefreshApproval():
                return await self.review(work, effect)
            case _:
                return await self.showing.show(work, effect)

    async def withdraw(self, effect: OpenThread, result: Delivered) -> None:
        await self.showing.withdraw(effect, result)

    async def _fire(self, work: Work, timer: SetTimer) -> Result:
        if timer.kind is TimerKind.ROUTE:
            return await self.route(work)
        if timer.kind is TimerKind.MAIL:
            return await self.mailman.look(work, timer)
        return TimerFired(work.claim, self.clock())

    async def _of_others(self, work: Work, effect: AskElsewhere | CallAction | SendAlert) -> Result:
        if isinstance(effect, AskElsewhere):
            return await self.ask(work, effect)
        if isinstance(effect, SendAlert):
            return await self.alert(work, effect)
        return await self.invoke(work, effect)

    def _linger(self, work: Work, effect: Linger) -> Result:
        """Raises Retry until it is over: the lane comes again then, whoever has it."""
        left = effect.until - self.clock()
        if left > 0:
            raise Retry("may_be_taken_back", left / SECOND, counts=False)
        return Delivered(work.claim, self.clock())

    async def _fetch(self, work: Work, effect: FetchFiles) -> Result:
        message = await message_of(self.reads, work, effect.message_id)
        return await self.transfers.fetch(work, message)

    async def _send(self, work: Work, effect: SendToUser) -> Result:
        """A send of which nobody knows what came is not repeated to a user: an agent is asked. Of a
        message that failed in one part, or was deleted, the other parts are not sent."""
        message = await message_of(self.reads, work, effect.message_id)
        conversation = await self.reads.conversation(work.conversation_id)
        channel = self.channels.get(conversation.channel) if conversation else None
        if message is None or conversation is None or channel is None:
            return NotDelivered(work.claim, self.clock(), "no_channel")
        if effect.change:
            return await self._correct(work, conversation, message, channel)
        parts = parts_of(message, channel.traits.max_text)
        if effect.part >= len(parts) or _was_taken_back(parts[effect.part]):
            return Delivered(work.claim, self.clock())
        out = _outgoing(message, parts, effect.part)
        if message.sent_parts > out.part:  # its echo said so
            return Delivered(work.claim, self.clock())
        if work.doubtful and not channel.traits.repeatable:
            return await self._sent_before(work, conversation, out, channel)
        if not message.leaves or message.deleted:
            return Delivered(work.claim, self.clock())
        if out.file and isinstance(channel, Uploads):
            work, upload = await self.transfers.upload(work, channel, conversation, out.file)
            out = replace(out, upload=upload)
        in_time(work)
        receipt = await channel.send(conversation, out, key_of(out))
        return Delivered(work.claim, self.clock(), receipt.place)

    async def _sent_before(
        self, work: Work, conversation: Conversation, out: Outgoing, channel: Channel
    ) -> Result:
        """Of a doubtful send: whether the user has it, as far as the channel can tell."""
        if isinstance(channel, Finds):
            key, since, doubted = key_of(out), work.since, work.doubted_at
            receipt = await channel.find(conversation, out, key, since, doubted)
            if receipt is not None:
                return Delivered(work.claim, self.clock(), receipt.place)
        return NotDelivered(work.claim, self.clock(), "unknown_outcome")

    async def _correct(
        self, work: Work, conversation: Conversation, message: Message, channel: Channel
    ) -> Result:
        """As the message is now, so that it may be done twice."""
        if not message.leaves:  # it has failed meanwhile: there is nothing to correct
            return Delivered(work.claim, self.clock())
        if not isinstance(channel, Corrects):
            return NotDelivered(work.claim, self.clock(), "cannot_correct")
        in_time(work)
        await channel.correct(conversation, message)
        return Delivered(work.claim, self.clock())

    async def _call(self, work: Work, effect: CallBot) -> Result:
        message = await message_of(self.reads, work, effect.message_id)
        caller = Caller(self.reads, self.bots, self.links, self.clock)
        return await caller.call(work, effect, message)

    async def _tell(self, work: Work, effect: CallHook) -> Result:
        await self.call_hook(work, effect)
        return Delivered(work.claim, self.clock())


def _outgoing(message: Message, parts: Sequence[str | Attachment], n: int) -> Outgoing:
    """The part as it is by now: there were to be more, perhaps, where files became links."""
    what = parts[n]
    if isinstance(what, str):
        return Outgoing(message, what, n, len(parts))
    return Outgoing(message, "", n, len(parts), what)


def _was_taken_back(part: str | Attachment) -> bool:
    return isinstance(part, Attachment) and part.is_gone


def key_of(out: Outgoing) -> str:
    """Our id of a part on its way to a user."""
    return f"{out.message.id}/{out.part}"
