"""Letters to users who have left, performed: whether they are there is looked at when the timer is
due, and what they have not read when the letter goes. Raises DeliveryError."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bridge.commands import Delivered, NotDelivered, Result, TimerFired
from bridge.effects import SendMail, SetTimer
from bridge.errors import Retry
from bridge.letters import Letter, Mailer, SeesWhoIsThere
from bridge.mailing import is_read, to_mail
from bridge.model import SECOND, Conversation, Micros
from bridge.ports import Channel, Clock
from bridge.stores import Reads, Work, in_time

LOOK_AGAIN = 30.0
"""Seconds until the next look whether a user who was there has left."""
LEAVING_SOON = 5.0
"""Seconds until the next look whether all that a letter tells is the user's by then."""
PLACE = "email"


@dataclass(frozen=True, slots=True)
class Mailman:
    """What it calls. One for each process; one that started at `since` does not know yet who is
    there, and takes everybody to be, for as long as they would count as there."""

    reads: Reads
    channels: Mapping[str, Channel]
    clock: Clock
    mailer: Mailer | None = None
    after: Micros = 0
    since: Micros = 0

    async def look(self, work: Work, timer: SetTimer) -> Result:
        """The timer fires when they have read, or are gone."""
        conversation = await self.reads.conversation(work.conversation_id)
        unread = conversation is not None and not is_read(timer, conversation.read_seq)
        if conversation and unread and await self._is_there(conversation):
            raise Retry("user_is_there", min(LOOK_AGAIN, self.after / SECOND), counts=False)
        return TimerFired(work.claim, self.clock())

    async def _is_there(self, conversation: Conversation) -> bool:
        if self.clock() < self.since + self.after:
            return True
        channel: object = self.channels.get(conversation.channel)
        return isinstance(channel, SeesWhoIsThere) and await channel.is_there(conversation.id)

    async def send(self, work: Work, effect: SendMail) -> Result:
        """One of which nobody knows whether it went is sent again: it is the same e-mail."""
        letter = await self._letter(work, effect)
        if letter is None:
            return Delivered(work.claim, self.clock())
        if self.mailer is None:
            return NotDelivered(work.claim, self.clock(), "mail_off")
        in_time(work)
        await self.mailer.mail(letter)
        return Delivered(work.claim, self.clock(), (PLACE, letter.to.email, str(letter.upto)))

    async def _letter(self, work: Work, effect: SendMail) -> Letter | None:
        """None: they have read it meanwhile, or it was taken back, or nobody is there any more.
        What may yet be taken back, or whose files are to come, is waited for. Raises Retry."""
        conversation = await self.reads.conversation(work.conversation_id)
        contact = await self.reads.contact(work.conversation_id)
        if conversation is None or contact is None or not contact.email:
            return None
        after = max(effect.after, conversation.read_seq)
        said = await self.reads.between(conversation.id, after, effect.upto)
        if any(message.is_unseen for message in said):
            raise Retry("may_be_taken_back", LEAVING_SOON, counts=False)
        messages = to_mail(said)
        return Letter(conversation, contact, messages, effect.upto) if messages else None
