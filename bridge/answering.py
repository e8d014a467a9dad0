"""What the bot says, and how long it is waited for: steps of the table in `lifecycle.py`."""

from __future__ import annotations

from collections.abc import Sequence

from bridge import gating, triggering
from bridge.commands import BotSaid, Escalation
from bridge.commands import Reply as BotReply
from bridge.effects import CancelTimer, SetTimer, TimerKind
from bridge.events import Kind
from bridge.model import Author, Message, Role, given, replace
from bridge.opening import open_handoff
from bridge.turn import DESKBRIDGE, Turn

EXPIRED, REJECTED = "draft_expired", "draft_rejected"
UNAPPROVED = {
    EXPIRED: "Nobody decided about the assistant's answer in time",
    REJECTED: "The assistant's answer was rejected",
}
"""Titles of handoffs, by their reason: the bot has answered, and the user heard nothing of it."""


def bot_said(turn: Turn, command: BotSaid) -> None:
    """The bot through the API. An old epoch means that it speaks of a time that is over."""
    if command.epoch is not None and command.epoch != turn.conversation.epoch:
        return fence(turn, command)
    heard(turn, turn.conversation.user_seq)
    author, epoch = Author(Role.BOT, command.bot_id), turn.conversation.epoch
    wish = triggering.bot_said(turn, author, [command.reply])
    if why := gating.why_held(turn, command.reply.intent):
        held = gating.hold(turn, author, command.reply, why, command.asker)
        turn.data = {"id": held.id, "seq": turn.conversation.seq, "epoch": epoch, "held": held.id}
    else:
        message = speak(turn, command.bot_id, command.reply)
        turn.data = {"id": message.id, "seq": message.seq, "epoch": epoch}
    if wish:
        open_handoff(turn, DESKBRIDGE, wish, turn.conversation.seq)
    return None


def fence(turn: Turn, _command: BotSaid) -> None:
    turn.fence()


def answered(turn: Turn, bot_id: str, replies: Sequence[BotReply]) -> None:
    """What the bot has answered at once. Held, it is one draft: it is read, edited and sent as a
    whole, and in its order."""
    intents = [reply.intent for reply in replies]
    reasons = (why for intent in intents if (why := gating.why_held(turn, intent)))
    if why := next(reasons, ""):
        gating.hold(turn, Author(Role.BOT, bot_id), _as_one(replies), why)
        return
    for reply in replies:
        speak(turn, bot_id, reply)


def _as_one(replies: Sequence[BotReply]) -> BotReply:
    return BotReply(
        "\n\n".join(reply.text for reply in replies if reply.text),
        tuple(button for reply in replies for button in reply.buttons),
        tuple(file for reply in replies for file in reply.attachments),
    )


def speak(turn: Turn, bot_id: str, reply: BotReply) -> Message:
    """It is said: nothing holds it back, or it was approved."""
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


def bot_is_silent(turn: Turn, why: str = "") -> None:
    """Nobody answered the user in time: a human is asked instead. `why`: what became of an answer
    that the bot did give, a code of `UNAPPROVED`."""
    title = UNAPPROVED.get(why) or triggering.title_of(turn.case.unanswered)
    wish = Escalation(title, reason=why or "bot_unavailable")
    open_handoff(turn, DESKBRIDGE, wish, turn.conversation.seq)


def await_bot(turn: Turn, why: str = "") -> None:
    """From now on the user waits for the bot, and as long as its patience. `why`: for another
    answer, after one that was not approved."""
    conversation = turn.conversation = replace(turn.conversation, unanswered_since=turn.at)
    due = turn.at + given(turn.policy.bot(conversation.bot_id)).patience
    about = f"{turn.at} {why}".rstrip()
    turn.do(SetTimer(TimerKind.PATIENCE, due, conversation.epoch, about))
