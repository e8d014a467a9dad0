"""A bot is told something, and what it answers becomes a command. Raises DeliveryError."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bridge.commands import BotAnswered, Escalation, NotDelivered, Result
from bridge.effects import CallBot
from bridge.errors import Refused, Retry
from bridge.escalation import BadEscalation, read_escalation
from bridge.filing import all_kept
from bridge.links import Links
from bridge.model import SECOND, ConversationId, Message, Micros, Role, Standing
from bridge.ports import Bot, BotCall, Clock
from bridge.stores import Reads, Work
from bridge.webhooks import body

FETCHED_WITHIN = 20 * SECOND
"""So long a bot is not told of a message whose files are on their way here."""
LONGEST_UNDO = 60 * SECOND
"""That the settings take for replies."""


async def stretch(
    reads: Reads, conversation: ConversationId, seqs: tuple[int, int], now: Micros
) -> list[Message]:
    """What was said after the first place, up to the second. Raises Retry while a reply of it may
    be taken back yet: nobody is told of words that never leave, and of none too few."""
    found = await reads.between(conversation, *seqs)
    if any(_may_be_taken_back(message, now) for message in found):
        raise Retry("may_be_taken_back", 1.0, counts=False)
    return found


def _may_be_taken_back(message: Message, now: Micros) -> bool:
    """Nothing of it has left. For longer than any undo window, so that a channel that takes nothing
    keeps nobody waiting."""
    waits = message.standing is Standing.PENDING and not message.sent_parts
    return waits and message.author.role is Role.AGENT and now < message.sent_at + LONGEST_UNDO


@dataclass(frozen=True, slots=True)
class Caller:
    reads: Reads
    bots: Mapping[str, Bot]
    links: Links
    clock: Clock

    async def call(self, work: Work, effect: CallBot, message: Message | None) -> Result:
        """`message`: the one that it is about."""
        conversation = await self.reads.conversation(work.conversation_id)
        contact = await self.reads.contact(work.conversation_id)
        bot = self.bots.get(conversation.bot_id) if conversation else None
        if conversation is None or contact is None or bot is None:
            return NotDelivered(work.claim, self.clock(), "no_bot")
        view = await self.reads.view(effect.handoff_id) if effect.handoff_id else None
        if message and self._may_get_files(message):
            raise Retry("files_on_their_way", 1.0, counts=False)
        transcript: list[Message] = []
        if effect.stretch:
            transcript = await stretch(self.reads, conversation.id, effect.stretch, self.clock())
        handoff = view.handoff if view else None
        data = body(
            effect,
            work.since,
            conversation,
            contact,
            handoff,
            message=message,
            transcript=transcript,
            link=lambda file: self.links.to(conversation.id, file, self.clock()),
        )
        answer = await bot.call(BotCall(f"evt_{work.claim.effect_id}", effect.type, data))
        return BotAnswered(
            work.claim,
            self.clock(),
            answer.replies,
            self._wish(answer.handoff),
            answer.epoch,
            answer.silent,
        )

    def _may_get_files(self, message: Message) -> bool:
        """They are on their way here, unless it was given up (`held_for`)."""
        late = self.clock() - message.sent_at >= FETCHED_WITHIN
        return not (all_kept(message) or message.held_for or late)

    def _wish(self, handoff: Mapping[str, object] | None) -> Escalation | None:
        if handoff is None:
            return None
        try:
            return read_escalation(handoff, self.clock())
        except BadEscalation as error:
            raise Refused("bot_bad_answer") from error
