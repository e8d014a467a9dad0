"""Changes of hands: a handoff is given to somebody, and put back; it is opened in `opening.py`.

Each function is a step of the table in `lifecycle.py`, which says in which state it may be taken.
Every change of owner goes through `Turn.own`, and so raises the epoch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bridge import notice
from bridge.commands import (
    Assign,
    AssignNext,
    HandBack,
    Release,
    SetLabels,
    SetPriority,
    Snooze,
    Wake,
)
from bridge.effects import (
    CancelTimer,
    LeaveThread,
    Line,
    Mark,
    OpenThread,
    PostPreview,
    SetTimer,
    TimerKind,
)
from bridge.events import Kind
from bridge.hours import opens_at, when
from bridge.labels import UNKNOWN
from bridge.model import (
    Agent,
    Author,
    Handoff,
    Message,
    Mode,
    Role,
    Status,
    Thread,
    given,
)
from bridge.opening import queue_again
from bridge.routing import goes_back_at, has_room, load
from bridge.texts import Occasion
from bridge.turn import DESKBRIDGE, Turn


def assign(turn: Turn, command: Assign, word: Message | None = None) -> None:
    if command.only_free and turn.open_handoff.assignee not in {None, command.agent.id}:
        return turn.reject("assigned_already", name=turn.open_handoff.assignee_name)
    turn.mark(command.said, Mark.NOTE)
    return give(turn, command.by.as_author(), command.agent, word)


def assign_next(turn: Turn, command: AssignNext) -> None:
    """Routing gives it to somebody who is there and has room, which is looked at again, here, where
    nobody else can give them anything."""
    bench, handoff = given(turn.case.bench), turn.open_handoff
    queue, theirs = turn.policy.queue(handoff.queue), handoff.given_back_by != command.agent.id
    if handoff.ends_at or not queue.routed or not theirs:
        return turn.reject("not_now")  # it was dealt with, moved or given back just now
    if bench.seat is None or not bench.seat.online:
        return turn.reject("away")
    if not has_room(command.agent.id, queue, load(bench.held, turn.policy, turn.at), turn.policy):
        return turn.reject("no_room")
    return give(turn, DESKBRIDGE, command.agent)


def give(turn: Turn, by: Author, agent: Agent, word: Message | None = None) -> None:
    """`word`: a note for them, shown in the line that names them."""
    handoff = turn.open_handoff
    if not turn.policy.serves(agent, handoff.queue):
        return turn.reject("assignee_not_a_member", name=agent.name)
    keep_open(turn)
    if handoff.assignee == agent.id:
        if word:
            turn.post(word)
        return wake(turn, by) if handoff.status is Status.SNOOZED else answer(turn)
    had = handoff.assignee is not None
    turn.change(
        status=Status.ASSIGNED,
        assignee=agent.id,
        assignee_name=agent.name,
        assignee_avatar=agent.avatar_url,
        assigned_at=handoff.assigned_at or turn.at,
        had_since=turn.at,
        snoozed_until=0,
    )
    turn.own(Mode.HUMAN)
    turn.do(CancelTimer(TimerKind.EXPIRY), CancelTimer(TimerKind.STILL))
    kind = Kind.HANDOFF_TRANSFERRED if had else Kind.HANDOFF_ASSIGNED
    turn.note(kind, by, agent=agent.id, before=handoff.assignee)
    line = Line.TRANSFERRED if had else Line.ASSIGNED
    detail = "self" if by.id == agent.id else by.name
    turn.line(line, word, who=agent.id, name=agent.name, detail=detail)
    turn.tell_bot(str(kind), agent={"id": agent.id, "name": agent.name})
    turn.tell_user(Occasion.TRANSFERRED if had else Occasion.ASSIGNED)
    notice.given_to(turn, by, agent)
    return answer(turn)


def join(turn: Turn, agent: Agent) -> None:
    """They may reply beside the assignee, and are not asked each time."""
    handoff = turn.open_handoff
    if agent.id not in (handoff.assignee, *handoff.collaborators):
        turn.change(collaborators=(*handoff.collaborators, agent.id))
        _changed(turn, agent, joined=agent.id)


def release(turn: Turn, command: Release) -> None:
    turn.mark(command.said, Mark.NOTE)
    put_back(turn, command.by, turn.open_handoff.queue)


def put_back(turn: Turn, by: Agent, queue: str, word: Message | None = None) -> None:
    """Into the queue; one that waits there already stays as it is. `word`: as in `give`."""
    keep_open(turn)
    handoff = turn.open_handoff
    shut = _shut(turn, queue) if queue != handoff.queue else ""
    if handoff.status is not Status.QUEUED or handoff.queue != queue:
        turn.change(given_back_by=handoff.assignee)
        _put_back(turn, by.as_author(), queue)
        new = queue if queue != handoff.queue else ""
        told = f"{new}, which {shut}" if shut else new
        turn.line(Line.RELEASED, word, who=by.id, name=by.name, detail=told)
        _move_thread(turn, handoff)
        notice.watch(turn)
    elif word:
        turn.post(word)
    answer(turn)
    if shut:
        turn.data["closed"] = f"{queue} {shut}"


def _shut(turn: Turn, queue: str) -> str:
    """What whoever gives it there is told of a queue that is closed; empty: it is open."""
    hours = turn.policy.queue(queue).hours
    opens = opens_at(hours, turn.at)
    if opens == turn.at:
        return ""
    again = f" and opens again {when(hours, opens, turn.at, 'en')}" if opens else ""
    return f"is closed{again}"


def _put_back(turn: Turn, by: Author, queue: str) -> None:
    before = turn.open_handoff.assignee
    turn.change(queue=queue, assignee=None, assignee_name="", assignee_avatar="")
    turn.own(Mode.HUMAN)
    queue_again(turn)
    turn.note(Kind.HANDOFF_RELEASED, by, before=before, queue=queue)


def hand_back(turn: Turn, command: HandBack) -> None:
    """Who has it is away, and the customer waits; looked at again, as in `assign_next`."""
    handoff, bench = turn.open_handoff, given(turn.case.bench)
    held = next((held for held in bench.held if held.id == handoff.id), None)
    due = goes_back_at(held, bench.seat, turn.policy) if held and not handoff.ends_at else 0
    if not due or due > turn.at:
        return turn.reject("not_now")
    _put_back(turn, DESKBRIDGE, handoff.queue)
    turn.line(Line.AWAY, who=command.agent, name=handoff.assignee_name)
    notice.watch(turn)
    return answer(turn)


def _move_thread(turn: Turn, before: Handoff) -> None:
    """A queue of another place has its own threads: the handoff goes on in a new one there. What
    waits for the desk is said in the old one yet. One that is being opened yet follows later."""
    thread, queue = turn.case.thread, turn.policy.queue
    was, now = queue(before.queue).place, queue(turn.open_handoff.queue).place
    if thread and was != now and not turn.policy.is_elsewhere(thread.channel, was):
        open_elsewhere(turn, thread)


def open_elsewhere(turn: Turn, thread: Thread) -> None:
    """The old card says so last, when it can say where."""
    handoff, generation = turn.open_handoff.id, thread.generation + 1
    turn.do(
        OpenThread(handoff, generation),
        PostPreview(handoff, generation, turn.conversation.seq),
        LeaveThread(handoff, thread.generation, thread.team, thread.channel, thread.ts),
    )


def keep_open(turn: Turn) -> bool:
    """A resolve that could still be taken back is; whether there was one."""
    if not turn.open_handoff.ends_at:
        return False
    turn.change(ends_at=0, ends_by="", closed_by="", outcome="")
    turn.do(CancelTimer(TimerKind.END))
    return True


def snooze(turn: Turn, command: Snooze) -> None:
    if command.until <= turn.at:
        return turn.reject("not_in_the_future")
    turn.mark(command.said, Mark.NOTE)
    keep_open(turn)
    turn.change(status=Status.SNOOZED, snoozed_until=command.until)
    turn.note(Kind.HANDOFF_SNOOZED, command.by.as_author(), until=command.until)
    turn.do(SetTimer(TimerKind.SNOOZE, command.until, turn.conversation.epoch, str(command.until)))
    turn.line(Line.SNOOZED, who=command.by.id, name=command.by.name, detail=str(command.until))
    return answer(turn)


def wake(turn: Turn, by: Author) -> None:
    if turn.open_handoff.assignee:
        turn.change(status=Status.ASSIGNED, snoozed_until=0)
    else:
        queue_again(turn)
    turn.do(CancelTimer(TimerKind.SNOOZE))
    turn.note(Kind.HANDOFF_WOKEN, by)
    if by.role is Role.USER:  # whose words call who has it
        turn.line(Line.WOKEN, detail="user")
    elif by == DESKBRIDGE:
        turn.line(Line.WOKEN, who=turn.open_handoff.assignee or "", detail="time")
    notice.watch(turn)
    answer(turn)


def wake_asked(turn: Turn, command: Wake) -> None:
    turn.mark(command.said, Mark.NOTE)
    wake(turn, command.by.as_author())


def stay_awake(turn: Turn, command: Wake) -> None:
    turn.mark(command.said, Mark.NOTE)
    answer(turn)


def set_priority(turn: Turn, command: SetPriority) -> None:
    turn.mark(command.said, Mark.NOTE)
    if turn.open_handoff.priority is not command.priority:
        before = turn.open_handoff.priority
        turn.change(priority=command.priority)
        _changed(turn, command.by, priority=[str(before), str(command.priority)])
    answer(turn)


def set_labels(turn: Turn, command: SetLabels) -> None:
    if strange := strange_labels(turn, command.add):
        return turn.reject(strange)
    turn.mark(command.said, Mark.NOTE)
    put_labels(turn, command.by, command.add, command.remove)
    return answer(turn)


def strange_labels(turn: Turn, add: Sequence[str]) -> str:
    """The refusal of those that this desk has not: which, and behind a line break each that may
    have been meant. Empty: it has them all, or the handoff has them."""
    labels, had = turn.policy.labels, turn.open_handoff.labels
    strange = labels.strange(each for each in add if each not in had)
    return "\n".join([UNKNOWN, ", ".join(strange), *labels.near(strange)]) if strange else ""


def put_labels(turn: Turn, by: Agent, add: Sequence[str], remove: Sequence[str] = ()) -> None:
    had, spelt = turn.open_handoff.labels, turn.policy.labels.spelt
    add, remove = [x if x in had else spelt([x])[0] for x in add], [*remove, *spelt(remove)]
    if (labels := tuple(dict.fromkeys(x for x in (*had, *add) if x not in remove))) != had:
        turn.change(labels=labels)
        _changed(turn, by, add=list(add), remove=list(remove))


def _changed(turn: Turn, by: Agent, **body: Any) -> None:
    turn.note(Kind.HANDOFF_CHANGED, by.as_author(), **body)


def answer(turn: Turn) -> None:
    handoff = turn.open_handoff
    turn.data = {
        "id": handoff.id,
        "conversation_id": handoff.conversation_id,
        "number": handoff.number,
        "status": str(handoff.status),
    }
