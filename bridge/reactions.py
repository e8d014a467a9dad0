"""Emoji that users and agents put on each other's messages: steps of the table in `lifecycle.py`.

They are seen across where the channel can show them, and only from those whose words would be, too.
Putting on and taking off may arrive in any order: the last of them by its own time counts.
"""

from __future__ import annotations

from bridge import window
from bridge.commands import AgentReacted, UserReacted
from bridge.effects import PutReaction
from bridge.events import Kind
from bridge.judging import is_foreign
from bridge.model import Message, Reaction, Role, replace
from bridge.turn import Turn

OFFERED = ("👍", "❤️", "😂", "🎉", "😢", "🙏")
"""What users may put on; none of them is a mark of the desk's."""


def agent_reacted(turn: Turn, command: AgentReacted) -> None:
    """What anybody else puts on, or on anything else, stays inside. What the user sees may be taken
    off by whoever put it on, also when the handoff is another's by now."""
    subject, by = turn.subject, command.by
    reaction = Reaction(command.emoji, Role.AGENT, by.id, command.on, command.order)
    theirs = any(_same(each, reaction) for each in subject.reactions) and not command.on
    may = theirs or (by.member and not is_foreign(turn.open_handoff, by.id))
    seen = turn.policy.traits(turn.conversation.channel).reactions
    if may and seen and subject.author.role is Role.USER and not subject.deleted:
        _react(turn, reaction)


def user_reacted(turn: Turn, command: UserReacted) -> None:
    subject = turn.subject
    here = subject.conversation_id == command.conversation and subject.leaves
    if not here or subject.deleted or subject.author.role is Role.USER:
        return turn.reject("unknown_message")
    window.extend(turn, command.at)
    order = f"{command.at:020}"
    reaction = Reaction(command.emoji, Role.USER, turn.contact.id, command.on, order)
    if _react(turn, reaction) and subject.source:
        turn.do(PutReaction(subject.source, command.emoji, command.on))
    return None


def _react(turn: Turn, reaction: Reaction) -> bool:
    """Whether anybody sees a difference; what was taken off before it was put on is remembered."""
    subject = turn.subject
    before = next((each for each in subject.reactions if _same(each, reaction)), None)
    if before and before.order >= reaction.order:
        return False
    others = tuple(each for each in subject.reactions if each is not before)
    message = replace(subject, reactions=(*others, reaction))
    if (before is not None and before.on) is reaction.on:
        turn.messages[message.id] = message
        return False
    turn.show(message)
    told = {"emoji": reaction.emoji, "on": reaction.on}
    turn.note(Kind.MESSAGE_REACTED, turn.actor, message=message.id, **told)
    return True


def _same(one: Reaction, other: Reaction) -> bool:
    return (one.emoji, one.role, one.by) == (other.emoji, other.role, other.by)


def shown(message: Message) -> list[Reaction]:
    """Those that are on."""
    return [reaction for reaction in message.reactions if reaction.on]
