"""What the bot says, and how long it is waited for: steps of the table in `lifecycle.py`."""

from __future__ import annotations

from bridge.commands import BotSaid, Escalation
from bridge.commands import Reply as BotReply
from bridge.effects import CancelTimer, SetTimer, TimerKind
from bridge.events import Kind
from bridge.model import Author, Message, Role, given, replace
from bridge.opening import open_handoff
from bridge.turn import DESKBRIDGE, Turn


def bot_said(turn: Turn, command: BotSaid) -> None:
    """The bot through the API. An old epoch means that it speaks of a time that is over."""
    if command.epoch is not None and command.epoch != turn.conversation.epoch:
        return fence(turn, command)
    heard(turn, turn.conversation.user_seq)
    message = bot_reply(turn, command.bot_id, command.reply)
    turn.data = {"id": message.id, "seq": message.seq, "epoch": turn.conversation.epoch}
    return None


def fence(turn: Turn, _command: BotSaid) -> None:
    handoff, conversation = turn.handoff, turn.conversation
    paused_by = conversation.paused_by or turn.silenced_by
    named = handoff.assignee_name if handoff and handoff.is_open else paused_by
    turn.reject(
        "human_in_control",
        epoch=conversation.epoch,
        by=named,
        handoff_id=handoff.id if handoff and handoff.is_open else None,
        mode=str(conversation.mode),
    )


def bot_reply(turn: Turn, bot_id: str, reply: BotReply) -> Message:
    author = Author(Role.BOT, bot_id)
    said = turn.say(author, reply.text, buttons=reply.buttons, attachments=reply.attachments)
    message = turn.deliver(said)
    turn.note(Kind.BOT_SPOKE, author, message=message.id)
    return message


def heard(turn: Turn, seq: int) -> None:
    """The bot has answered what the user said up to there: nobody has to lose patience, unless
    the user has said more since, for which the waiting begins anew."""
    if not turn.conversation.unanswered_since:
        return
    if turn.conversation.user_seq > seq and turn.has_bot:
        await_bot(turn)
    else:
        turn.conversation = replace(turn.conversation, unanswered_since=0)
        turn.do(CancelTimer(TimerKind.PATIENCE))


def bot_is_silent(turn: Turn) -> None:
    """Nobody answered the user in time: a human is asked instead."""
    wish = Escalation("", reason="bot_unavailable")
    open_handoff(turn, DESKBRIDGE, wish, turn.conversation.seq)


def await_bot(turn: Turn) -> None:
    """From now on the user waits for the bot, and as long as its patience."""
    conversation = turn.conversation = replace(turn.conversation, unanswered_since=turn.at)
    due = turn.at + given(turn.policy.bot(conversation.bot_id)).patience
    turn.do(SetTimer(TimerKind.PATIENCE, due, conversation.epoch, str(turn.at)))
