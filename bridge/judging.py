"""Whether an agent's message may go out as it is: reply, note, or held and why. Pure.

Judged once, when the message is first seen. What nobody can know is held, so that a person decides;
what is plainly meant for the house is a note and nobody is asked.
"""

from __future__ import annotations

from collections.abc import Iterator

from bridge import words
from bridge.claiming import ONLINE_REQUIRED
from bridge.commands import AgentEdited, AgentSaid
from bridge.model import Handoff, Micros, Mode
from bridge.policy import OnMention, Policy, Traits
from bridge.queues import Default
from bridge.turn import Turn
from bridge.words import Sense

LEAK = "leak:"
"""Before the kind of what the guard found: `leak:card_number`."""
COMMANDS = (Sense.VERB, Sense.UNKNOWN)


def is_note(turn: Turn, command: AgentSaid, said: words.Said) -> bool:
    """A note by its prefix from anybody; from a member also where it names a colleague, and
    by default where the settings of the queue say so; `!r` is none by default."""
    policy = turn.policy
    if said.sense is Sense.NOTE:
        return True
    if said.sense in COMMANDS or not command.by.member:
        return False
    named = command.mentions and policy.on_mention is OnMention.NOTE
    notes_first = policy.default_of(turn.open_handoff.queue) is Default.NOTE
    return named or (notes_first and not said.plainly)


def reasons_to_hold(turn: Turn, command: AgentSaid, said: words.Said) -> str:
    """Why the message may not go out as it is, codes with commas between; empty: it may."""
    return ",".join(_reasons(turn, command, said))


def _reasons(turn: Turn, command: AgentSaid, said: words.Said) -> Iterator[str]:
    policy = turn.policy
    traits = policy.traits(turn.conversation.channel)
    if not command.by.member:
        yield "not_a_member"
        return
    if said.sense in COMMANDS:
        yield words.UNKNOWN
    yield from _whose(turn, command)
    if not command.files and not said.text.strip():
        yield "no_words"  # a message that was shared into the thread, say
    if command.mentions and policy.on_mention is OnMention.HOLD:
        yield "mention"
    yield from leaks(policy, said.text)
    if command.files and not traits.files:
        yield "files"
    elif command.files > len(command.attachments):
        yield "file_elsewhere"
    if window_is_shut(traits, turn.conversation.user_at, turn.at):
        yield "window_closed"


def _whose(turn: Turn, command: AgentSaid) -> Iterator[str]:
    """Whether it is theirs to answer."""
    handoff = turn.open_handoff
    if not handoff.is_open:
        with_bot = turn.has_bot and turn.conversation.mode is Mode.BOT  # not with a colleague
        yield "bot_in_charge" if with_bot else "ended"
    elif is_foreign(handoff, command.by.id):
        yield "foreign"
    elif turn.must_go_online(command):
        yield ONLINE_REQUIRED


def reasons_of_edit(turn: Turn, command: AgentEdited, said: words.Said) -> str:
    """The same for the new words of a reply of which nothing has left: who has the conversation was
    judged when it was first seen."""
    if not command.by.member:
        return "not_a_member"
    held = command.mentions and turn.policy.on_mention is OnMention.HOLD
    reasons = [words.UNKNOWN] if said.sense in COMMANDS else []
    reasons += ["mention"] if held else []
    return ",".join([*reasons, *leaks(turn.policy, said.text)])


def is_foreign(handoff: Handoff, agent: str) -> bool:
    """Whether somebody else has it, who has not been joined."""
    return handoff.assignee not in (None, agent) and agent not in handoff.collaborators


def leaks(policy: Policy, text: str) -> list[str]:
    return [f"{LEAK}{kind}" for kind in policy.guard.find(text)]


def window_is_shut(traits: Traits, user_at: Micros, now: Micros) -> bool:
    """Whether the channel takes no answers any more, since the user has been silent too long."""
    until = traits.answer_until(user_at)
    return bool(until) and now > until
