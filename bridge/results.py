"""What came of an effect, and what follows from it.

A result is a command like any other; the store has removed the effect in the same transaction, and
a result whose claim is no longer valid never comes here (fencing).
"""

from __future__ import annotations

from bridge import (
    acting,
    approving,
    asking,
    carrying,
    goals,
    idle,
    mailing,
    notice,
    settling,
    still,
    triggering,
    window,
)
from bridge.alerts import SendAlert
from bridge.answering import answered, bot_is_silent, heard
from bridge.commands import BotAnswered, Delivered, Fetched, NotDelivered, Result, TimerFired
from bridge.effects import (
    CallBot,
    CallHook,
    FetchFiles,
    LeaveThread,
    Line,
    Linger,
    Mark,
    OpenThread,
    Outward,
    PostFile,
    PostMessage,
    PostPreview,
    PutMark,
    PutReaction,
    RefreshCard,
    SendMail,
    SendToUser,
    SetTimer,
    SettleLine,
    ShowSeen,
    TellAgent,
    TimerKind,
)
from bridge.effects import PostLine as PostLineEffect
from bridge.endings import close_idle, expire, resolve_now
from bridge.events import Kind
from bridge.favours import (
    AskApproval,
    AskElsewhere,
    CallAction,
    CallReviewers,
    RefreshApproval,
)
from bridge.gates import CHANNEL
from bridge.handoffs import open_elsewhere, wake
from bridge.healing import THREAD_LOST
from bridge.model import Author, Mode, Role, Standing, Status, Thread, Visibility, given, replace
from bridge.opening import open_handoff
from bridge.turn import DESKBRIDGE, Turn

_QUIET = (
    *(PostMessage, PostPreview, PostFile, PostLineEffect),
    *(PutMark, PutReaction, ShowSeen, SettleLine, RefreshCard, LeaveThread, CallHook),
    *(CallReviewers, RefreshApproval),
)


def settles_alone(effect: Outward, result: Result) -> bool:
    """Whether nothing follows but that the effect is done: no case is loaded for those."""
    if settling.asked_about(effect):
        return False
    if isinstance(effect, PostMessage) and effect.marked:
        return False
    if isinstance(effect, TellAgent | SendAlert):  # which are no conversation's
        return True
    return (
        isinstance(result, Delivered)
        and not result.files
        and (isinstance(effect, _QUIET) or (isinstance(effect, SendToUser) and bool(effect.change)))
    )


def follow(turn: Turn, effect: Outward, result: Result) -> None:
    """Takes the step that the result asks for; none when the message that it is about has been
    deleted with its conversation."""
    if turn.case.subject or not getattr(effect, "message_id", None):
        _follow(turn, effect, result)


def _follow(turn: Turn, effect: Outward, result: Result) -> None:
    if _of_what_is_shown(turn, effect, result) or _of_others(turn, effect, result):
        return
    match effect, result:
        case OpenThread(), Delivered():
            _opened(turn, effect, result)
        case SendToUser(), Delivered():
            _taken(turn, effect)
        case SendToUser(), NotDelivered():
            _not_taken(turn, effect, result.reason)
        case CallBot(), BotAnswered():
            _answered(turn, effect, result)
        case CallBot() | CallHook(), NotDelivered():
            _not_called(turn, effect, result.reason)
        case PostLineEffect(), Delivered():
            settling.posted(turn, effect)
        case SetTimer(), TimerFired():
            _fired(turn, effect)
        case _, NotDelivered():
            turn.note(Kind.DELIVERY_FAILED, DESKBRIDGE, reason=result.reason)
        case _:
            pass


def _of_what_is_shown(turn: Turn, effect: Outward, result: Result) -> bool:
    """Whether it was about what users said, or about files."""
    match effect, result:
        case Linger(), Delivered():
            carrying.let_go(turn)
        case FetchFiles(), Fetched():
            carrying.fetched(turn, result)
        case FetchFiles(), NotDelivered():
            _not_fetched(turn, result.reason)
        case PostFile(), NotDelivered():
            carrying.not_shown(turn, effect, result.reason)
        case PostMessage(marked=True), Delivered():
            _posted(turn)
        case PostMessage() | PostPreview(), NotDelivered():
            _not_posted(turn, effect, result.reason)
        case PostPreview(), Delivered():
            carrying.below_preview(turn, result)
        case _:
            return False
    return True


def _of_others(turn: Turn, effect: Outward, result: Result) -> bool:
    """Whether it was about what goes by e-mail, or about what others were asked for."""
    match effect:
        case SendMail():
            mailing.went(turn, effect, result)
        case AskElsewhere():
            asking.put(turn, effect, result)
        case CallAction():
            acting.came(turn, effect, result)
        case AskApproval() if isinstance(result, Delivered):
            approving.shown(turn, effect, result)
        case _:
            return False
    return True


def _opened(turn: Turn, effect: OpenThread, result: Delivered) -> None:
    thread = Thread(effect.handoff_id, effect.generation, *given(result.place))
    turn.thread = thread
    turn.note(Kind.THREAD_OPENED, DESKBRIDGE, generation=effect.generation)
    if _is_elsewhere(turn, thread):
        open_elsewhere(turn, thread)
    elif turn.open_handoff.version != result.shown:
        turn.do(RefreshCard(effect.handoff_id))


def _is_elsewhere(turn: Turn, thread: Thread) -> bool:
    """Whether it went to another queue while its thread was being opened at the place of one."""
    place = turn.policy.queue(turn.open_handoff.queue).place
    return turn.open_handoff.is_open and turn.policy.is_elsewhere(thread.channel, place)


def _taken(turn: Turn, effect: SendToUser) -> None:
    """The channel took a part; with the last one the message is sent, if no part had failed."""
    if turn.subject.standing is not Standing.PENDING:
        return
    taken = effect.part + 1
    last = taken == effect.parts
    standing = Standing.SENT if last else Standing.PENDING
    message = replace(turn.subject, standing=standing, sent_parts=taken)
    turn.messages[message.id] = message
    if last and not message.deleted:
        turn.mark_message(message, Mark.TAKEN)


def _not_corrected(turn: Turn, change: str, reason: str) -> None:
    """The user sees the message as it was before, which is no failure of the message."""
    message = turn.subject
    turn.note(Kind.DELIVERY_FAILED, DESKBRIDGE, message=message.id, reason=reason)
    if message.handoff_id:
        turn.line(Line.CORRECTION, message, who=message.author.id, detail=f"cannot_{change}")


def _not_taken(turn: Turn, effect: SendToUser, reason: str) -> None:
    if effect.change:
        return _not_corrected(turn, effect.change, reason)
    if effect.part < turn.subject.sent_parts:  # its echo came while it was looked for
        return None
    if turn.subject.deleted:  # taken back meanwhile, which is tried all the same: it may be there
        return turn.note(Kind.DELIVERY_FAILED, DESKBRIDGE, message=turn.subject.id, reason=reason)
    return _failed(turn, reason)


def _not_fetched(turn: Turn, reason: str) -> None:
    """Without its files an agent's message is not sent at all."""
    if turn.subject.author.role is Role.USER:
        return carrying.not_fetched(turn, reason)
    return None if turn.subject.deleted else _failed(turn, reason)


def _failed(turn: Turn, reason: str) -> None:
    message = replace(turn.subject, standing=Standing.FAILED, held_for=reason)
    turn.messages[message.id] = message
    turn.note(Kind.MESSAGE_FAILED, DESKBRIDGE, message=message.id, reason=reason)
    turn.mark_message(message, Mark.FAILED)
    if message.handoff_id:
        turn.line(Line.FAILED, message, detail=reason)


_WORN = {Standing.SENT: Mark.TAKEN, Standing.HELD: Mark.HELD, Standing.FAILED: Mark.FAILED}
"""What is on its way yet is marked when it is known what came of it."""


def _posted(turn: Turn) -> None:
    """An agent's words that were not typed here stand here now, and wear a mark as any others."""
    message = turn.subject
    is_note = message.deleted or message.visibility is Visibility.INTERNAL
    if mark := Mark.NOTE if is_note else _WORN.get(message.standing):
        turn.mark_message(message, mark, fresh=mark is Mark.TAKEN)


def _not_posted(turn: Turn, effect: PostMessage | PostPreview, reason: str) -> None:
    if isinstance(effect, PostPreview):
        _no_preview(turn, reason)
    else:
        _no_words(turn, reason)


def _no_words(turn: Turn, reason: str) -> None:
    """The desk did not take a user's words: its agents are told that something is missing, and may
    have the whole message shown again, since the parts that are there would be read wrongly."""
    turn.note(Kind.DELIVERY_FAILED, DESKBRIDGE, reason=reason, message=turn.subject.id)
    if not turn.subject.deleted and reason != THREAD_LOST:
        turn.messages[turn.subject.id] = replace(turn.subject, held_for=reason)
        turn.line(Line.FAILED, turn.subject, detail=reason)


def _no_preview(turn: Turn, reason: str) -> None:
    turn.note(Kind.DELIVERY_FAILED, DESKBRIDGE, reason=reason)
    if reason != THREAD_LOST:
        turn.line(Line.FAILED, detail=reason)


def _answered(turn: Turn, effect: CallBot, result: BotAnswered) -> None:
    """What the bot says counts only if nothing has changed hands since it was asked. Only what it
    says to a message of the user's is an answer to it."""
    conversation = turn.conversation
    if conversation.channel == CHANNEL:  # it has nobody in it
        return
    epoch = effect.epoch if result.epoch is None else result.epoch
    if conversation.mode is not Mode.BOT or epoch != conversation.epoch or turn.silenced_by:
        return
    if effect.type == "message.created" and (result.silent or result.replies):
        heard(turn, turn.subject.seq)
    author = Author(Role.BOT, conversation.bot_id)
    wish = triggering.bot_said(turn, author, result.replies)
    if result.replies:
        answered(turn, conversation.bot_id, result.replies)
    if result.handoff or wish:  # the bot knows better what it is about than a rule
        by = replace(DESKBRIDGE, id=conversation.bot_id) if result.handoff else DESKBRIDGE
        open_handoff(turn, by, result.handoff or given(wish), turn.conversation.seq)


def _not_called(turn: Turn, effect: CallBot | CallHook, reason: str) -> None:
    """A call of before the last change of owner says nothing of who waits now. Nobody waits for
    what a tool was to be told."""
    if isinstance(effect, CallHook):
        which = {"endpoint": effect.endpoint, "event": effect.id}
        return turn.note(
            Kind.DELIVERY_FAILED, DESKBRIDGE, reason=reason, webhook=effect.type, **which
        )
    turn.note(Kind.DELIVERY_FAILED, DESKBRIDGE, reason=reason, webhook=effect.type)
    conversation = turn.conversation
    if effect.epoch != conversation.epoch or conversation.mode is not Mode.BOT:
        return None
    if effect.type == "message.created" and conversation.unanswered_since:
        bot_is_silent(turn)
    return None


def _idle(turn: Turn, _timer: SetTimer) -> None:
    if idle.is_over(turn):
        close_idle(turn)


_OF_ITSELF = {
    TimerKind.WINDOW: window.fired,
    TimerKind.GOAL: goals.fired,
    TimerKind.RESOLUTION: goals.resolution_due,
    TimerKind.IDLE: _idle,
    TimerKind.MAIL: mailing.fired,
    TimerKind.APPROVAL: approving.fired,
}
"""Timers that go by what the user or the desk did last, whoever has the conversation by now."""


def _fired(turn: Turn, timer: SetTimer) -> None:
    """A timer about something that is over, or from before a change of owner, does nothing."""
    conversation, handoff = turn.conversation, turn.handoff
    if timer.kind is TimerKind.HELD:
        notice.remind_of_held(turn)
        return
    if timer.kind in _OF_ITSELF:
        _OF_ITSELF[timer.kind](turn, timer)
        return
    if timer.epoch != conversation.epoch:
        return
    since, _, why = timer.about.partition(" ")
    waited_for = since == str(conversation.unanswered_since)
    match timer.kind:
        case TimerKind.PATIENCE if waited_for:
            bot_is_silent(turn, why)
        case TimerKind.SNOOZE if handoff and timer.due == handoff.snoozed_until:
            wake(turn, DESKBRIDGE)
        case TimerKind.END if handoff and timer.due == handoff.ends_at:
            resolve_now(turn)
        case TimerKind.STILL:
            still.fired(turn, timer)
        case TimerKind.ALERT:
            notice.fired(turn, timer)
        case TimerKind.EXPIRY if handoff and handoff.status is Status.QUEUED:
            expire(turn)
        case _:
            pass
