"""The life of a conversation: one table, and one pure function that reads it.

A conversation is with the bot, paused, or in a handoff; a handoff is queued, assigned or snoozed
until it ends, resolved, rejected, expired or cancelled. `TRANSITIONS[state][type of command]` holds
every legal step and the states that it may lead to; what is not in it is `Rejected`, told to
whoever asked.

Which state a command meets depends on what it is about: one that names a handoff (by its thread,
its id, or a message of it) meets that handoff's status, even when it ended long ago and the
conversation has moved on; every other meets the conversation's own. Results of effects are not in
the table: they are answers, legal in every state, and what they mean then is in `results.py`.

`decide` does no I/O, reads no clock and draws no random number: ids are derived from the command's
key, so a replay after a lost commit decides the same again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

from bridge import (
    acting,
    answering,
    approving,
    asking,
    blocking,
    corrections,
    describing,
    desking,
    echoes,
    endings,
    handoffs,
    healing,
    notice,
    opening,
    pausing,
    persons,
    ratings,
    reactions,
    readymade,
    settling,
    suggesting,
    talk,
    triggering,
)
from bridge.cases import Case, Decision
from bridge.claiming import ONLINE_REQUIRED
from bridge.commands import (
    RESULTS,
    AddNote,
    AgentDeleted,
    AgentEdited,
    AgentReacted,
    AgentSaid,
    Ask,
    Assign,
    AssignNext,
    Block,
    BotSaid,
    Command,
    DeleteConversation,
    Describe,
    DismissSuggestion,
    Echoed,
    FalseAlarm,
    HandBack,
    Judge,
    KeepAsNote,
    Look,
    MergeContacts,
    OpenHandoff,
    Pause,
    RanMacro,
    Rate,
    Recall,
    Reject,
    Rejected,
    Release,
    Remark,
    Reopen,
    Request,
    RequestApproval,
    Resolve,
    Result,
    Resume,
    RunAction,
    Say,
    SendAgain,
    SendHeld,
    SendTemplate,
    SetLabels,
    SetPriority,
    Snooze,
    Suggest,
    TakeOver,
    ThreadLost,
    ToConversation,
    ToUser,
    Transfer,
    Unblock,
    UserEnded,
    UserReacted,
    UserRead,
    UserSaid,
    UseSuggestion,
    Wake,
)
from bridge.effects import Line, Mark, Outward, SetTimer
from bridge.events import cause_of
from bridge.model import Agent, Author, Mode, Role, replace
from bridge.policy import Policy
from bridge.ranks import Rank
from bridge.results import follow
from bridge.turn import Turn


class State(StrEnum):
    BOT = "bot"
    PAUSED = "paused"
    QUEUED = "queued"
    ASSIGNED = "assigned"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


ENDS = (State.RESOLVED, State.REJECTED, State.EXPIRED, State.CANCELLED)
Step = Callable[[Turn, Any], None]


@dataclass(frozen=True, slots=True)
class Rule:
    """A legal step: what is done, and which states the addressed thing may be in afterwards."""

    step: Step
    to: frozenset[State]


def _rule(step: Step, *to: State) -> Rule:
    return Rule(step, frozenset(to))


S = State
_EVERYWHERE: Mapping[type[Any], Step] = {
    UserRead: talk.read,
    AgentEdited: corrections.agent_edited,
    AgentDeleted: corrections.agent_deleted,
    AgentReacted: reactions.agent_reacted,
    UserReacted: reactions.user_reacted,
    Echoed: echoes.echoed,
    SendAgain: talk.send_again,
    KeepAsNote: talk.keep_as_note,
    Look: desking.look,
    RunAction: acting.run,
    DismissSuggestion: suggesting.dismiss,
    RanMacro: readymade.ran_macro,
    FalseAlarm: triggering.false_alarm,
    Say: desking.say,
    Recall: desking.recall,
    Describe: describing.describe,
    MergeContacts: persons.merge,
    Remark: desking.remark,
    Unblock: blocking.unblock,
    RequestApproval: approving.asked,
    Judge: approving.judge,
}
"""Steps that change no state."""


def _common(state: State) -> dict[type[Any], Rule]:
    return {command: _rule(step, state) for command, step in _EVERYWHERE.items()}


def _open(state: State) -> dict[type[Any], Rule]:
    """What may be done in every open handoff; `state` is the one it is in."""
    after_waking = {S.SNOOZED: (S.ASSIGNED, S.QUEUED)}.get(state, (state,))
    held = (S.ASSIGNED,) if state is S.QUEUED else (state, S.ASSIGNED)
    return {
        **_common(state),
        UserSaid: _rule(talk.user_to_agent, *after_waking, S.CANCELLED),
        UserEnded: _rule(endings.cancel, S.CANCELLED),
        AgentSaid: _rule(talk.agent_said, state, S.ASSIGNED),
        SendTemplate: _rule(readymade.send_template, state, S.ASSIGNED),
        SendHeld: _rule(talk.send_held, state, *held),
        AddNote: _rule(talk.add_note, state),
        Ask: _rule(asking.ask, state),
        Suggest: _rule(suggesting.suggest, state),
        UseSuggestion: _rule(suggesting.use, state, S.ASSIGNED),
        Assign: _rule(handoffs.assign, S.ASSIGNED),
        Release: _rule(handoffs.release, S.QUEUED),
        Transfer: _rule(desking.transfer, S.ASSIGNED, S.QUEUED),
        TakeOver: _rule(desking.take, S.ASSIGNED),
        DeleteConversation: _rule(desking.delete, S.RESOLVED),
        Block: _rule(blocking.block, S.RESOLVED),
        Resolve: _rule(endings.resolve, state, S.RESOLVED),
        Reject: _rule(endings.reject_handoff, S.REJECTED),
        Snooze: _rule(handoffs.snooze, S.SNOOZED),
        Wake: _rule(handoffs.stay_awake, state),
        Reopen: _rule(endings.stay_open, state),
        SetPriority: _rule(handoffs.set_priority, state),
        SetLabels: _rule(handoffs.set_labels, state),
        Pause: _rule(pausing.stay_paused, state),
        Resume: _rule(pausing.resolve_first, state),
        ThreadLost: _rule(healing.heal, state),
        BotSaid: _rule(answering.fence),
        OpenHandoff: _rule(opening.refuse_second),
    }


def _ended(state: State) -> dict[type[Any], Rule]:
    return {
        **_common(state),
        AgentSaid: _rule(talk.agent_said, state),
        SendTemplate: _rule(readymade.send_template, state),
        SendHeld: _rule(talk.send_held, S.ASSIGNED),
        AddNote: _rule(talk.add_note, state),
        Reopen: _rule(endings.reopen, S.ASSIGNED, S.QUEUED),
        TakeOver: _rule(desking.take_again, S.ASSIGNED),
        DeleteConversation: _rule(desking.delete, state),
        Suggest: _rule(endings.already_ended),
        UseSuggestion: _rule(endings.already_ended),
        Block: _rule(blocking.block, state),
        Resolve: _rule(endings.already_ended),
        Reject: _rule(endings.already_ended),
        ThreadLost: _rule(healing.stay_lost),
    }


def _with_nobody(state: State) -> dict[type[Any], Rule]:
    """What may be done while there is no handoff."""
    return {
        Look: _rule(desking.look, state),
        Say: _rule(desking.say, state),
        Recall: _rule(desking.recall, state),
        Describe: _rule(describing.describe, state),
        MergeContacts: _rule(persons.merge, state),
        Remark: _rule(desking.remark, state),
        Rate: _rule(ratings.rate, state),
        RequestApproval: _rule(approving.asked, state),
        Judge: _rule(approving.judge, state),
        TakeOver: _rule(desking.take_over, S.ASSIGNED),
        DeleteConversation: _rule(desking.delete, state),
        Block: _rule(blocking.block, state),
        Unblock: _rule(blocking.unblock, state),
    }


TRANSITIONS: Mapping[State, Mapping[type[Any], Rule]] = {
    S.BOT: {
        UserRead: _rule(talk.read, S.BOT),
        UserReacted: _rule(reactions.user_reacted, S.BOT),
        Echoed: _rule(echoes.echoed, S.BOT),
        UserSaid: _rule(talk.user_to_bot, S.BOT, S.QUEUED, S.ASSIGNED),
        BotSaid: _rule(answering.bot_said, S.BOT),
        OpenHandoff: _rule(opening.open_asked, S.QUEUED),
        Pause: _rule(pausing.pause, S.PAUSED),
        Resume: _rule(pausing.stay_with_bot, S.BOT),
        **_with_nobody(S.BOT),
    },
    S.PAUSED: {
        UserRead: _rule(talk.read, S.PAUSED),
        UserReacted: _rule(reactions.user_reacted, S.PAUSED),
        Echoed: _rule(echoes.echoed, S.PAUSED),
        UserSaid: _rule(talk.user_to_nobody, S.PAUSED, S.BOT),
        UserEnded: _rule(pausing.leave_pause, S.BOT),
        BotSaid: _rule(answering.fence),
        OpenHandoff: _rule(opening.open_asked, S.QUEUED),
        Pause: _rule(pausing.stay_paused, S.PAUSED),
        Resume: _rule(pausing.resume, S.BOT),
        **_with_nobody(S.PAUSED),
    },
    S.QUEUED: {**_open(S.QUEUED), AssignNext: _rule(handoffs.assign_next, S.ASSIGNED)},
    S.ASSIGNED: {**_open(S.ASSIGNED), HandBack: _rule(handoffs.hand_back, S.QUEUED)},
    S.SNOOZED: {
        **_open(S.SNOOZED),
        Wake: _rule(handoffs.wake_asked, S.ASSIGNED, S.QUEUED),
    },
    **{state: _ended(state) for state in ENDS},
}

_OPEN_TO_ALL = (
    *(UserSaid, UserEnded, UserRead, UserReacted, Echoed, BotSaid, OpenHandoff),
    *(AgentSaid, AgentEdited, AgentReacted),
)
"""Everything else that an agent asks for is only for members of the queue; what they say is
judged."""
_JUDGED = (AgentSaid, SendTemplate)
"""What claims as a reply, and is held where it may not."""


_ABOUT_ALL, _TO_ALL = (Pause, Resume), (ToUser, ToConversation)
_OF_STATUS = {state.value: state for state in State}


def state_of(case: Case, command: Command, *, silent: bool = False) -> State:
    """The state that the command meets (see the top of this file). `silent`: the bot is paused in
    all its conversations."""
    conversation, handoff = case.conversation, case.handoff
    about_all = isinstance(command, _ABOUT_ALL) or isinstance(getattr(command, "to", None), _TO_ALL)
    if handoff and (handoff.is_open or not about_all):
        return _OF_STATUS[handoff.status]
    return State.BOT if conversation.mode is Mode.BOT and not silent else State.PAUSED


def decide(
    case: Case, command: Command, policy: Policy, effect: Outward | None = None
) -> Decision | Rejected:
    """What the command does to the case. `effect` is the one that a result answers."""
    if isinstance(command, RESULTS):
        return _decide_result(case, command, policy, effect)
    turn = Turn(case, policy, command.key, command.at, cause_of(command, command.key))
    state = state_of(case, command, silent=bool(turn.silenced_by))
    command = _in_its_queue(turn, command, state)
    by = _asker(command)
    turn.actor = _author(turn, by)
    if not isinstance(command, _OPEN_TO_ALL) and not getattr(by, "member", True):
        return _refused(turn, command, "not_a_member")
    if isinstance(by, Agent) and by.rank is Rank.AGENT and _is_for_supervisors(turn, command):
        return _refused(turn, command, "not_allowed")
    if not isinstance(command, _JUDGED) and turn.must_go_online(command):
        return _refused(turn, command, ONLINE_REQUIRED)
    rule = TRANSITIONS[state].get(type(command))
    if rule is None:
        return _refused(turn, command, "not_now", state=str(state))
    step = blocking.UNHEARD[type(command)] if blocking.is_unheard(turn, command) else rule.step
    step(turn, command)
    if turn.rejected:
        return _refused(turn, command, turn.rejected.reason, **turn.rejected.data)
    settling.decided(turn, by)
    settling.taken(turn)
    approving.moved_on(turn)
    if not asking.is_answer(case, command):
        notice.wrote(turn, getattr(command, "to", None), by)
    return turn.decision()


def _in_its_queue(turn: Turn, command: Request, state: State) -> Request:
    """Who is no member of the handoff's queue is no member here; where it is about no handoff,
    whatever queue there was once, they are one."""
    by = _asker(command)
    if not isinstance(by, Agent) or turn.handoff is None or state in (State.BOT, State.PAUSED):
        return command
    if not by.member or turn.policy.serves(by, turn.handoff.queue):
        return command
    name = "asker" if getattr(command, "asker", None) else "by"
    return replace(command, **{name: replace(by, member=False)})


def _asker(command: Request) -> object:
    """Who asks: an agent, or an author that stands for one of a tool."""
    return getattr(command, "asker", None) or getattr(command, "by", None)


def _author(turn: Turn, by: object) -> Author:
    """Whoever asks; of whom nobody else says so, that is the user."""
    if isinstance(by, Agent):
        return by.as_author()
    return by if isinstance(by, Author) else Author(Role.USER, turn.contact.id, turn.contact.name)


def _is_for_supervisors(turn: Turn, command: Request) -> bool:
    """Deleting, rejecting, blocking, and giving to another what is not one's own."""
    if isinstance(command, Assign | Transfer) and command.agent and turn.handoff:
        return command.by.id not in (command.agent.id, turn.handoff.assignee)
    return isinstance(command, Reject | DeleteConversation | Block | Unblock)


def _decide_result(
    case: Case, result: Result, policy: Policy, effect: Outward | None
) -> Decision | Rejected:
    key, what = f"effect:{result.claim.effect_id}", type(effect).__name__
    what = str(effect.kind) if isinstance(effect, SetTimer) else what
    turn = Turn(case, policy, key, result.at, f"{cause_of(result, key)} {what}")
    follow(turn, cast(Outward, effect), result)
    settling.taken(turn)
    approving.moved_on(turn)
    return turn.decision()


def _refused(turn: Turn, command: Command, reason: str, **data: Any) -> Decision | Rejected:
    """Who asked by a word in the thread is told there; everybody else by the answer itself."""
    said = getattr(command, "said", "")
    if not said:
        return Rejected(reason, data)
    turn = Turn(turn.case, turn.policy, turn.key, turn.at, turn.cause)
    by = getattr(command, "by", None)
    turn.mark(said, Mark.FAILED)
    turn.line(Line.REFUSED, who=getattr(by, "id", ""), name=getattr(by, "name", ""), detail=reason)
    turn.data = {"rejected": reason, **data}
    return turn.decision()
