"""All that is done outside, as data. An effect names what it is about by id and is filled in from
the store when it is performed, so that it shows how things are then, and an edit of what was not
sent yet needs no second effect. Which lane it waits in is in `lanes.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from bridge.alerts import SendAlert
from bridge.favours import (
    AskApproval,
    AskElsewhere,
    CallAction,
    CallReviewers,
    RefreshApproval,
)
from bridge.model import AgentId, HandoffId, MessageId, Micros
from bridge.quick import quick


class Mark(StrEnum):
    """The one mark that every message of an agent gets (experience §1)."""

    TAKEN = "taken"
    NOTE = "note"
    HELD = "held"
    FAILED = "failed"
    LEAVING = "leaving"
    """On its way, and may be taken back: one of the others follows."""


Where: TypeAlias = str | tuple[str, str, str]
"""What is marked: the reference of an agent's message, or the place of a post of ours."""


class Line(StrEnum):
    """A line that the desk writes into a thread. `OpenThread` and posts of messages are not
    lines."""

    HELD = "held"
    FAILED = "failed"
    ASSIGNED = "assigned"
    TRANSFERRED = "transferred"
    RELEASED = "released"
    ENDED = "ended"
    REOPENED = "reopened"
    SNOOZED = "snoozed"
    WOKEN = "woken"
    """Not by an agent: `detail` is `user`, who wrote, or `time`, which is over; `who` is called."""
    PAUSED = "paused"
    RESUMED = "resumed"
    RECALLED = "recalled"
    DELETED = "deleted"
    REFUSED = "refused"
    """A command from the thread was refused, `detail` is the code."""
    CORRECTION = "correction"
    """The channel cannot follow an edit or a delete of what was sent."""
    RECALL = "recall"
    """A reply was edited into a note: the user still sees it, and it can be taken back."""
    STILL_HELD = "still_held"
    """Nobody has decided what becomes of a held message: its author is called."""
    SILENT = "silent"
    """Asked to pause the bot where a human answers: it is silent anyway."""
    RESOLVE_FIRST = "resolve_first"
    """Asked to resume the bot where a human answers: that would end the handoff."""
    WAITING = "waiting"
    """Nobody has taken the handoff yet; `who` is called."""
    OVERDUE = "overdue"
    """Nobody has taken it for too long: told in the channel, too."""
    UNANSWERED = "unanswered"
    """The user waits for the assignee; `who` is called."""
    AWAY = "away"
    """Its assignee is away, and it waits for somebody else."""
    MOVED = "moved"
    """The first line of a thread that was opened in place of a lost one; `detail` says why."""
    GOAL = "goal"
    """The time in which it is to be resolved is nearly over, or is over (`missed`)."""
    WINDOW = "window"
    """The channel will soon take no answer any more: at `detail`, in µs."""
    MAILED = "mailed"
    """What the user has not read went to them by e-mail, to the address `name`."""
    NOT_MAILED = "not_mailed"
    """It did not, `detail` is the code."""
    ASKED = "asked"
    NOT_ASKED = "not_asked"
    """A question was put into another place, or not; `detail`: a code, if not, and the place."""
    SUGGESTED = "suggested"
    """What a bot or a tool suggests to agents, who decide what becomes of it."""
    ACTION_DONE = "action_done"
    ACTION_FAILED = "action_failed"
    """An action of one's own was done, or not; `detail`: a code, if not, and its label."""
    RATED = "rated"
    """What the user thinks of it, as the handoff has it; `detail`: what of it is new, `score` or
    `comment`."""
    WRAP_UP = "wrap_up"
    """More is wanted before a resolve; `detail`: `silent` or nothing, below it the reason given."""
    BLOCKED = "blocked"
    """Nothing that the user says is heard any more; `detail` is the reason."""
    UNBLOCKED = "unblocked"
    TRIGGERED = "triggered"
    """The rule `name` has fired; `detail`: the id of its event, and below it why."""


@dataclass(frozen=True, slots=True)
class OpenThread:
    handoff_id: HandoffId
    generation: int


@dataclass(frozen=True, slots=True)
class LeaveThread:
    """The handoff goes on in another place: the card of this thread of it says so."""

    handoff_id: HandoffId
    generation: int
    team: str
    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class PostPreview:
    """The last messages before the handoff, as one reply; in a thread that was opened anew, the
    last up to place `upto` but for those that are yet to be posted."""

    handoff_id: HandoffId
    generation: int = 1
    upto: int = 0


@quick
@dataclass(frozen=True, slots=True)
class PostMessage:
    """A user's message into the thread; `part` counts from zero, a long text is several effects."""

    handoff_id: HandoffId
    message_id: MessageId
    part: int = 0
    parts: int = 1
    mention: str = ""
    """The agent who is called by this post: an id of the desk's network."""
    marked: bool = False
    """Whether it is an agent's words for the user that were written nowhere else: the post wears
    their mark."""


@quick
@dataclass(frozen=True, slots=True)
class PostFile:
    """One of the files that came with a user's message, into the thread; its bytes are here."""

    handoff_id: HandoffId
    message_id: MessageId
    n: int = 0


@dataclass(frozen=True, slots=True)
class PostLine:
    handoff_id: HandoffId
    line: Line
    message_id: MessageId | None = None
    who: str = ""
    """The agent whom the line is about, or whom it calls: an id of the desk's network, for a
    mention; a group or everyone in the desk's own spelling where the settings name one."""
    name: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class TellAgent:
    """A word to one agent alone; in a lane of theirs."""

    agent: AgentId
    text: str


@quick
@dataclass(frozen=True, slots=True)
class RefreshCard:
    """Collapses: of several that wait only the last is performed."""

    handoff_id: HandoffId


@quick
@dataclass(frozen=True, slots=True)
class PutMark:
    """`source` is the reference of the marked message; empty: it is `message_id`, and stands where
    we posted it, if it was posted yet. `fresh`: it wears no mark yet and the user has it, so that
    the mark of a later one may stand for it; no other mark is ever dropped."""

    source: str
    mark: Mark
    fresh: bool = False
    message_id: MessageId | None = None


@quick
@dataclass(frozen=True, slots=True)
class PutReaction:
    """A user's emoji on an agent's message: on, or off again."""

    source: str
    emoji: str
    on: bool


@quick
@dataclass(frozen=True, slots=True)
class ShowSeen:
    """The user has read everything up to the message of this `source`; `before`: of the one up to
    which they had read until now. Best effort: the next one that is read shows it as well."""

    source: str
    before: str = ""


@dataclass(frozen=True, slots=True)
class SettleLine:
    """The lines that asked what becomes of a held message say what was chosen: `how` is `sent`,
    `note` or `deleted`; `name`: by whom, empty: nobody knows. Without a message, those that asked
    who takes the handoff: it is `taken`, or has `ended`."""

    handoff_id: HandoffId
    message_id: MessageId | None
    how: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class SendToUser:
    message_id: MessageId
    part: int = 0
    parts: int = 1
    change: str = ""
    """Empty for a new message, else `edit` or `delete`."""


@quick
@dataclass(frozen=True, slots=True)
class Linger:
    """An agent's reply may be taken back, or changed, before anything of it leaves: what stands
    behind this in the lane to the user waits until then, so that it stays in order."""

    message_id: MessageId
    until: Micros


@quick
@dataclass(frozen=True, slots=True)
class FetchFiles:
    """What came with a message is still where it was said: its bytes are to be brought here. In
    the lane to the user, so that nothing said later overtakes it."""

    message_id: MessageId


@dataclass(frozen=True, slots=True)
class SendMail:
    """What was said to the user after place `after` and up to place `upto`, as one e-mail."""

    after: int
    upto: int
    handoff_id: HandoffId | None = None


@quick
@dataclass(frozen=True, slots=True)
class CallBot:
    """A signed webhook to the bot. `type` as in contract §4, `message_id` for message.created."""

    type: str
    epoch: int
    message_id: MessageId | None = None
    handoff_id: HandoffId | None = None
    body: dict[str, Any] | None = None
    """What is told beside the usual; it says how things were, when those have changed since."""
    stretch: tuple[int, int] | None = None
    """The transcript that goes with it: public messages after the first `seq`, up to the second."""


@quick
@dataclass(frozen=True, slots=True)
class CallHook:
    """An event to one endpoint of a tool, as a signed webhook. `id` is the event's own, so that it
    is the same at each attempt and in each replay; `body` says how things were then."""

    endpoint: str
    id: str
    type: str
    at: Micros
    epoch: int
    actor: dict[str, str]
    body: dict[str, Any]
    message_id: MessageId | None = None
    handoff_id: HandoffId | None = None
    stretch: tuple[int, int] | None = None
    """As in `CallBot`; None: the whole handoff's."""


class TimerKind(StrEnum):
    PATIENCE = "patience"
    SNOOZE = "snooze"
    EXPIRY = "expiry"
    END = "end"
    """A resolve that may be taken back until then."""
    ALERT = "alert"
    HELD = "held"
    WINDOW = "window"
    """The channel's sending window is about to shut, or has shut."""
    STILL = "still"
    """A user whom nobody has taken is to hear how they stand."""
    GOAL = "goal"
    """A user is to be answered by then."""
    RESOLUTION = "resolution"
    """A handoff is to be resolved by then, or soon."""
    IDLE = "idle"
    """A user who was answered has said nothing for long."""
    APPROVAL = "approval"
    """Reviewers are to be reminded, or it is decided by itself. One for each approval."""
    MAIL = "mail"
    """Who has left, and has not read what was said to them, is written to by e-mail."""
    ROUTE = "route"
    """Routing is to look. One for each workspace and no conversation's."""


@dataclass(frozen=True, slots=True)
class SetTimer:
    """One timer of a kind for each conversation, or for each message where one is named: setting it
    again moves it. Fires at `due`."""

    kind: TimerKind
    due: Micros
    epoch: int
    about: str = ""
    """What it was set for (a message's seq, a handoff's id); a timer about something else is
    stale."""
    message_id: MessageId | None = None


@dataclass(frozen=True, slots=True)
class CancelTimer:
    kind: TimerKind


Outward: TypeAlias = (
    OpenThread
    | LeaveThread
    | PostPreview
    | PostMessage
    | PostFile
    | PostLine
    | TellAgent
    | AskElsewhere
    | RefreshCard
    | PutMark
    | PutReaction
    | ShowSeen
    | SettleLine
    | SendToUser
    | Linger
    | FetchFiles
    | SendMail
    | SendAlert
    | CallBot
    | CallHook
    | CallAction
    | AskApproval
    | CallReviewers
    | RefreshApproval
    | SetTimer
)
Effect: TypeAlias = Outward | CancelTimer
Placed: TypeAlias = SendToUser | AskElsewhere  # after which a message has a place
