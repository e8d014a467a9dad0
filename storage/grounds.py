"""All that one command is decided on: what the transaction has in hand, and what only a few of the
commands want to know, which is looked up for them alone."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.cases import Case
from bridge.commands import (
    AgentDeleted,
    AgentEdited,
    AgentSaid,
    BotAnswered,
    BotSaid,
    Command,
    Pause,
    Recall,
    Resume,
    UserEnded,
    UserSaid,
)
from bridge.effects import Outward
from bridge.model import Conversation, Handoff, Message, Micros, Standing
from storage import newest
from storage.approvals import OF_APPROVALS, Approvals, about
from storage.beside import Switches, last_reply, seen, spoke_last, unanswered
from storage.lining import in_line
from storage.mailboxes import Mailboxes
from storage.persons import people
from storage.places import Located, Room
from storage.roster import Roster
from storage.runner import Runner
from storage.unsent import unsent

_OF_BOTS = (UserSaid, UserEnded, BotSaid, BotAnswered, Pause, Resume, *OF_APPROVALS)
"""Commands for which it matters whether a bot is silent in all its conversations."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """Of one transaction."""

    run: Runner
    room: Room
    switches: Switches
    roster: Roster
    approvals: Approvals
    boxes: Mailboxes
    now: Micros

    def of(self, command: Command, place: Located, effect: Outward | None = None) -> Case:
        """`effect`: of which the command is the result."""
        room, driver = self.room, self.run.driver
        conversation = room.conversations[place.conversation]
        named = place.handoff or conversation.handoff_id
        handoff = room.handoffs.get(named) if named else None
        if isinstance(command, AgentSaid):
            return self._said(command, place, conversation, handoff)
        subject = self._about(command, place, handoff)
        return Case(
            conversation,
            room.contacts[conversation.contact_id],
            handoff,
            subject,
            room.later(command, conversation),
            self.switches.silent() if isinstance(command, _OF_BOTS) else {},
            newest.asked_for(driver, command, handoff, room.threads),
            self._unsent(command, subject),
            seen(driver, conversation, command),
            in_line(driver, command, handoff, self.now),
            self.roster.looked_at(command, handoff),
            *people(room.contacts, room.conversations, command, conversation),
            spoke_last(driver, command, handoff, room.messages.values()),
            self.approvals.of(conversation, about(command, effect)),
            unanswered(driver, command, effect, conversation),
        )

    def _said(
        self, said: AgentSaid, place: Located, conversation: Conversation, handoff: Handoff | None
    ) -> Case:
        """The commonest command, of which nothing else is wanted."""
        room = self.room
        return Case(
            conversation,
            room.contacts[conversation.contact_id],
            handoff,
            self._about(said, place, handoff),
            room.later(said, conversation),
            bench=self.roster.looked_at(said, handoff),
            approvals=self.approvals.of(conversation, ""),
        )

    def _about(self, command: Command, place: Located, of: Handoff | None) -> Message | None:
        if isinstance(command, Recall) and place.subject is None:
            return self._last_reply(command, of)
        return self.room.messages.get(place.subject) if place.subject else None

    def _unsent(self, command: Command, message: Message | None) -> int:
        """See `Case`; zero for all other commands."""
        asks = isinstance(command, AgentEdited | AgentDeleted | Recall)
        if message is None or not asks or message.standing is not Standing.PENDING:
            return 0
        return unsent(self.run, message, self.boxes.new)

    def _last_reply(self, command: Recall, handoff: Handoff | None) -> Message | None:
        room = self.room
        found = last_reply(self.run.driver, command, handoff, room.messages.values())
        if found and found.id not in room.messages:
            room.messages[found.id] = room.loaded[found.id] = found
        return found
