"""How agents notice: who is called, when, and by what. Pure.

Slack tells who writes in a thread, or was mentioned in it, of what comes there next; nobody else,
and a mention added by an edit tells nobody. So whoever is given a handoff is mentioned by the line
that says so; a user's message mentions the assignee once for each time that the user waits, unless
they wrote there a moment ago; and while the user goes on waiting a timer calls them once more, and
then the lead. A handoff that nobody has calls whom the settings name, later the whole channel sees
it. What is only worth knowing (labels, priority, notes) calls nobody and changes the card.
"""

from __future__ import annotations

from dataclasses import dataclass

from bridge.commands import ToThread
from bridge.effects import Line, RefreshCard, SetTimer, TimerKind
from bridge.hours import after
from bridge.model import (
    Agent,
    Author,
    Awaiting,
    Message,
    Micros,
    Standing,
    Status,
    given,
    replace,
)
from bridge.policy import Alerts, Calling
from bridge.turn import Turn
from bridge.words import UNKNOWN


@dataclass(frozen=True, slots=True)
class Stage:
    """`after`: µs since the wait began; `who` is called by the line, empty: nobody by name. Who is
    never to be called sees it on the card alone."""

    line: Line
    after: Micros
    who: str = ""
    detail: str = ""


def stages(status: Status, assignee: str, alerts: Alerts) -> tuple[Stage, ...]:
    """All that is done about a user who goes on waiting, in order.

    >>> [str(stage.line) for stage in stages(Status.QUEUED, "", Alerts(lead="U1"))]
    ['overdue', 'waiting']
    """
    lead = alerts.lead
    if status is Status.QUEUED:
        found = [
            (alerts.notify, Stage(Line.WAITING, alerts.notify_after, alerts.notify)),
            ("everybody", Stage(Line.OVERDUE, alerts.overdue_after)),
            (lead, Stage(Line.WAITING, alerts.lead_after, lead, "lead")),
        ]
    elif status is Status.ASSIGNED:
        calls = assignee if alerts.mention is not Calling.NEVER else ""
        found = [
            ("the card", Stage(Line.UNANSWERED, alerts.overdue_after, calls)),
            (lead, Stage(Line.UNANSWERED, alerts.lead_after, lead, "lead")),
        ]
    else:
        found = []
    wanted = [stage for asked, stage in found if asked and stage.after]
    return tuple(sorted(wanted, key=lambda stage: stage.after))


# --- while the user waits ------------------------------------------------------------------------


def watch(turn: Turn) -> None:
    """The user begins to wait, or another has the handoff now: from here on time is counted."""
    if turn.conversation.awaiting is Awaiting.AGENT:
        _set_timer(turn, turn.at, 0)


def fired(turn: Turn, timer: SetTimer) -> None:
    """A stage is reached, if the user still waits."""
    handoff = turn.handoff
    if handoff is None or turn.conversation.awaiting is not Awaiting.AGENT:
        return
    number, _, since = timer.about.partition(":")
    found = stages(handoff.status, handoff.assignee or "", turn.policy.alerts_of(handoff.queue))
    if int(number) >= len(found):
        return  # the settings have changed, or it was snoozed
    stage = found[int(number)]
    if stage.who or handoff.status is Status.QUEUED:
        turn.line(stage.line, who=stage.who, name=handoff.assignee_name, detail=stage.detail)
    turn.do(RefreshCard(handoff.id))  # which shows what is overdue
    _set_timer(turn, int(since), int(number) + 1)


def _set_timer(turn: Turn, since: Micros, number: int) -> None:
    handoff = turn.open_handoff
    found = stages(handoff.status, handoff.assignee or "", turn.policy.alerts_of(handoff.queue))
    if number < len(found):
        hours = turn.policy.queue(handoff.queue).hours  # nobody is to come outside of them
        due, epoch = after(hours, since, found[number].after), turn.conversation.epoch
        turn.do(SetTimer(TimerKind.ALERT, due, epoch, f"{number}:{since}"))


# --- calling the assignee ------------------------------------------------------------------------


def call_assignee(turn: Turn) -> str:
    """Whom this message of the user calls, by mention; empty: nobody."""
    handoff, alerts, conversation = turn.open_handoff, turn.policy.alerts, turn.conversation
    if handoff.status is not Status.ASSIGNED or alerts.mention is Calling.NEVER:
        return ""
    present = turn.at - conversation.agent_at < alerts.present_for
    if alerts.mention is Calling.SMART and (conversation.mentioned_at or present):
        return ""
    turn.conversation = replace(conversation, mentioned_at=turn.at)
    return given(handoff.assignee)


def given_to(turn: Turn, by: Author, agent: Agent) -> None:
    """They have it now; the line mentions them unless they took it themselves."""
    called = turn.at if by.id != agent.id else 0
    turn.conversation = replace(turn.conversation, agent_at=called, mentioned_at=0)
    watch(turn)


def wrote(turn: Turn, to: object, by: object) -> None:
    """The assignee has written in the thread, whatever it was, and follows it from here on."""
    handoff = turn.handoff
    if isinstance(to, ToThread) and handoff and handoff.assignee == getattr(by, "id", ""):
        at = max(turn.at, turn.conversation.agent_at)
        turn.conversation = replace(turn.conversation, agent_at=at)


# --- held messages -------------------------------------------------------------------------------


def watch_held(turn: Turn, message: Message) -> None:
    if after := turn.policy.alerts.held_after:
        due, epoch = turn.at + after, turn.conversation.epoch
        turn.do(SetTimer(TimerKind.HELD, due, epoch, message_id=message.id))


def remind_of_held(turn: Turn) -> None:
    """If nobody has said what becomes of it, its author is called, once."""
    held = turn.subject
    if held.standing is Standing.HELD and not held.deleted and not _was_done_right(turn, held):
        turn.line(Line.STILL_HELD, held, who=held.author.id, name=held.author.name)


def _was_done_right(turn: Turn, held: Message) -> bool:
    """A mistyped command of an assignee who has gone on in the thread since, or of a handoff that
    is over."""
    handoff = turn.handoff
    if UNKNOWN not in held.held_for.split(","):
        return False
    if handoff is None or not handoff.is_open or handoff.id != held.handoff_id:
        return True
    return handoff.assignee == held.author.id and turn.conversation.agent_at > held.sent_at
