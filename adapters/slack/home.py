"""App Home: what one agent has to do, at a glance. Pure: what is known in, a view out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from adapters.slack.blocks import Block, Body, actions, button, cut, escape, row, words
from adapters.slack.card import clock, title_of
from adapters.slack.forms import MOVE_WORK, MYSELF, View
from adapters.slack.names import customer_name, number_of, safe_name
from adapters.slack.pickers import ASSIGN_ME
from adapters.slack.replies import failure, held
from adapters.slack.targets import of_view
from adapters.slack.verbs import VERBS
from bridge.attending import Seat
from bridge.gates import Approval
from bridge.model import Awaiting, Contact, Message, Micros, Priority, Standing, Status
from bridge.routing import URGENCY
from bridge.spans import span
from bridge.views import Figures
from bridge.views import View as Shown

MOST_WAITING = 10
MOST_OWN = 20
MOST_TEAM = 25
OPEN_LINK = "open_link"
"""A button that only opens a link: its press is answered and nothing done."""
STUCK = "stuck"
"""The button beside those of verbs that shows what of one's own was not sent."""
DESK = "desk"
"""What a verb about the desk as a whole is about; a button's value is never empty."""
EMPTY = "Nothing is waiting for you. New handoffs appear here and in "


@dataclass(frozen=True, slots=True)
class Load:
    """One of the team: what they have, of how much (`room`, zero: as much as they take)."""

    name: str
    online: bool
    held: int
    room: int = 0


@dataclass(frozen=True, slots=True)
class Vote:
    """A draft about which they may decide and have not. `contact`: whom it is for; None: it is
    about nobody. `link`: to its card, empty: it does not stand yet."""

    draft: Approval
    contact: Contact | None = None
    link: str = ""


@dataclass(frozen=True, slots=True)
class Glance:
    """What one agent's Home shows. By handoff, `links`: of threads; `late`: the goal that the
    customer's wait is past. `team`: for supervisors. `votes`: the first of the drafts that wait
    for theirs."""

    own: Sequence[Shown]
    waiting: Sequence[Shown]
    figures: Figures
    stuck: Sequence[Message] = ()
    live: int = 0
    links: Mapping[str, str] = field(default_factory=dict)
    seat: Seat | None = None
    """None: they have never said whether they are there."""
    queues: Sequence[str] = ()
    room: int = 0
    channels: Sequence[str] = ()
    late: Mapping[str, Micros] = field(default_factory=dict)
    team: Sequence[Load] = ()
    votes: Sequence[Vote] = ()
    votes_in_all: int = 0


def home(glance: Glance) -> View:
    """Seventy blocks at most."""
    blocks = [_there(glance), row(words(_today(glance.figures))), *_stuck(glance)]
    blocks += _votes(glance)
    if not (glance.own or glance.waiting or glance.votes):
        blocks.append(_section(EMPTY + _where(glance)))
    if glance.own:
        blocks.append(row(words(f"Yours ({len(glance.own)})", bold=True)))
        blocks += [_own(view, glance) for view in glance.own[:MOST_OWN]]
        blocks += _rest(len(glance.own) - MOST_OWN, "mine")
    if glance.waiting:
        blocks.append(row(words(f"Waiting ({len(glance.waiting)})", bold=True)))
        blocks += [_waiting(view, glance) for view in _most_urgent(glance)[:MOST_WAITING]]
        blocks += _rest(len(glance.waiting) - MOST_WAITING, "queue", len(glance.waiting))
    blocks += [*_team(glance.team), {"type": "divider"}, actions(_links(glance), "links")]
    return {"type": "home", "blocks": blocks}


def nobody(text: str) -> View:
    """For who is no member."""
    return {"type": "home", "blocks": [row(words(text))]}


def _there(glance: Glance) -> Block:
    """`Online · 2 of 3 · orders, billing`, with the button for the other."""
    seat, other = glance.seat, VERBS["away" if glance.seat and glance.seat.online else "online"]
    word = "You are not online yet" if seat is None else "Online" if seat.online else "Away"
    queues = escape(cut(", ".join(glance.queues), 200))
    facts = [f"*{word}*", _has(len(glance.own), glance.room), queues]
    return _section(" · ".join(filter(None, facts)), button(other.name, other.label, DESK), "there")


def _has(held: int, room: int) -> str:
    return f"{held} of {room}" if room else f"{held} open"


def _today(figures: Figures) -> str:
    """`Today: 14 resolved · first reply 48 s · ★ 4.7 (9)`"""
    first = "" if figures.first_reply is None else f" · first reply {span(figures.first_reply)}"
    rated = "" if figures.rating is None else f" · ★ {figures.rating:.1f} ({figures.rated})"
    return f"Today: {figures.resolved} resolved{first}{rated}"


def _where(glance: Glance) -> str:
    named = ", ".join(f"<#{channel}>" for channel in glance.channels[:5])
    return f"{named or 'the channel of the desk'}."


# --- what is there -------------------------------------------------------------------------------


def _stuck(glance: Glance) -> list[Block]:
    """What the agent may believe was sent."""
    if not glance.stuck:
        return []
    held_ = sum(message.standing is Standing.HELD for message in glance.stuck)
    counted = {"✋ {} held": held_, "⚠️ {} failed": len(glance.stuck) - held_}
    told = " · ".join(text.format(number) for text, number in counted.items() if number)
    show = button(STUCK, "Show", DESK, "Show what was not sent")
    return [_section(f"*Not sent:* {told}", show, STUCK)]


def stuck(messages: Sequence[Message], links: Mapping[str, str]) -> Body:
    """What of theirs was not sent, and why, each with the way to where it is decided."""
    title = f"Not sent ({len(messages)})"
    rows = [row(words(title, bold=True))]
    for message in messages:
        text = escape(cut(" ".join(message.text.split()) or "(files)", 200))
        link = links.get(str(message.handoff_id), "")
        rows.append(_section(f"{_why(message)}\n{text}", _open(link, str(message.handoff_id))))
    return Body(title, rows if messages else [row(words("All that you wrote was sent."))])


def _why(message: Message) -> str:
    if message.standing is Standing.HELD:
        return f"✋ *Held:* {escape(held(message.held_for))}"
    return f"⚠️ *Failed:* {escape(failure(message.held_for))}."


def _votes(glance: Glance) -> list[Block]:
    """*Refund order 1009* · Sam Rivera, and below it whose it is, since when and until when."""
    if not glance.votes:
        return []
    more = glance.votes_in_all - len(glance.votes)
    rest = [row(words(f"and {more} more, which have longer"))] if more > 0 else []
    head = row(words(f"Waiting for your vote ({glance.votes_in_all})", bold=True))
    return [head, *map(_vote, glance.votes), *rest]


def _vote(vote: Vote) -> Block:
    it = vote.draft
    title = escape(cut(" ".join(it.title.split()) or "Approval", 80))
    name = f" · {escape(customer_name(vote.contact))}" if vote.contact else ""
    bot = escape(cut(it.bot_id or it.asked_by, 80))
    times = (f"waiting since {clock(it.created_at)}", f"until {clock(it.expires_at)}")
    below = " · ".join(filter(None, [bot, *times]))
    return _section(
        f"*{title}*{name}\n{below}",
        _open(vote.link, it.id, "Open what is to be decided"),
        f"vote:{it.id}",
    )


def _own(view: Shown, glance: Glance) -> Block:
    link = glance.links.get(view.handoff.id, "")
    return _section(_named(view, glance), _open(link, view.handoff.id), f"own:{view.handoff.id}")


def _waiting(view: Shown, glance: Glance) -> Block:
    target = of_view(view)
    take = button(ASSIGN_ME, "Assign to me", target.about, f"Assign {target.called} to me")
    return _section(_named(view, glance), take, f"waiting:{view.handoff.id}")


def _named(view: Shown, glance: Glance) -> str:
    """*Sam Rivera* · My parcel never arrived `#42`, and below it who waits since when."""
    handoff = view.handoff
    title = f" · {escape(title_of(handoff, 80))}" if handoff.title else ""
    number = f" `{number_of(handoff)}`" if handoff.number else ""
    priority = "" if handoff.priority is Priority.NORMAL else str(handoff.priority)
    queue = escape(handoff.queue) if len(glance.queues) > 1 else ""
    below = " · ".join(filter(None, [_waits(view, glance), queue, priority]))
    return f"*{escape(customer_name(view.contact))}*{title}{number}\n{below}"


def _waits(view: Shown, glance: Glance) -> str:
    """Past the goal in bold. Who is snoozed waits for nobody."""
    handoff, talk = view.handoff, view.conversation
    since = clock(_since(view))
    if handoff.status is Status.SNOOZED:
        return f"snoozed until {clock(handoff.snoozed_until)}"
    if talk.awaiting is Awaiting.AGENT or handoff.status is Status.QUEUED:
        waits = f"customer waiting since {since}"
        goal = glance.late.get(view.handoff.id)
        return f"*{waits}, goal {span(goal)}*" if goal else waits
    return f"answered {since}" if talk.awaiting is Awaiting.CUSTOMER else ""


def _since(view: Shown) -> Micros:
    return view.conversation.awaiting_since or view.handoff.opened_at


def _most_urgent(glance: Glance) -> list[Shown]:
    """Overdue first, then the more urgent, then who waits longer."""
    return sorted(
        glance.waiting,
        key=lambda view: (
            view.handoff.id not in glance.late,
            URGENCY[view.handoff.priority],
            _since(view),
        ),
    )


def _rest(more: int, verb: str, count: int = 0) -> list[Block]:
    label = f"All {count}…" if count else f"and {more} more…"
    return [actions([button(verb, label, DESK)], f"rest:{verb}")] if more > 0 else []


def _team(team: Sequence[Load]) -> list[Block]:
    """Everybody's load, who is there first, and the way to move some of it."""
    if not team:
        return []
    ordered = sorted(team, key=lambda load: (not load.online, load.name.casefold()))
    lines = [
        f"{escape(safe_name(each.name))} · {'online' if each.online else 'away'} · "
        f"{_has(each.held, each.room)}"
        for each in ordered[:MOST_TEAM]
    ]
    if len(team) > MOST_TEAM:
        lines.append(f"and {len(team) - MOST_TEAM} more")
    there = sum(load.online for load in team)
    head = f"*Team* · {there} of {len(team)} online"
    move = button(MOVE_WORK, "Move work…", DESK, "Give somebody's conversations to others")
    return [{"type": "divider"}, _section(head, move, "team"), _section("\n".join(lines))]


def _links(glance: Glance) -> list[Block]:
    live = button("live", f"Live with the bot ({glance.live})", DESK)
    find, help_ = (button(name, VERBS[name].label, DESK) for name in ("find", "help"))
    me = button(MYSELF, "My profile", DESK, "How customers know you")
    return [live, find, me, help_]


def _open(link: str, about: str, label: str = "Open the thread") -> Block | None:
    if not link:
        return None
    return {**button(OPEN_LINK, "Open", about, label), "url": link}


def _section(text: str, accessory: Block | None = None, block_id: str = "") -> Block:
    """`block_id`: the same each time, so that what is pressed while Home is drawn anew is found."""
    made: Block = {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}
    named = {**made, "block_id": block_id} if block_id else made
    return {**named, "accessory": accessory} if accessory else named
