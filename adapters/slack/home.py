"""App Home: what one agent has to do, at a glance. Pure: what is known in, a view out.

Ratings are not shown, since nobody measures them yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from adapters.slack.blocks import Block, actions, button, cut, escape, row, small, words
from adapters.slack.card import clock, span, title_of
from adapters.slack.forms import View
from adapters.slack.names import customer_name, number_of
from adapters.slack.targets import of_view
from adapters.slack.verbs import VERBS
from bridge.attending import Seat
from bridge.model import Awaiting, Message, Standing
from bridge.views import Figures
from bridge.views import View as Shown

MOST_WAITING = 10
MOST_OWN = 20
MOST_STUCK = 3
OPEN_LINK = "open_link"
"""A button that only opens a link: its press is answered and nothing done."""
DESK = "desk"
"""What a verb about the desk as a whole is about; a button's value is never empty."""
EMPTY = "Nothing is waiting for you. New handoffs appear here and in the desk's channel."


@dataclass(frozen=True, slots=True)
class Glance:
    """What one agent's Home shows. `links`: of threads, by handoff."""

    own: Sequence[Shown]
    waiting: Sequence[Shown]
    figures: Figures
    stuck: Sequence[Message] = ()
    live: int = 0
    links: Mapping[str, str] = field(default_factory=dict)
    seat: Seat | None = None
    """None: they have never said whether they are there."""
    queues: Sequence[str] = ()


def home(glance: Glance) -> View:
    blocks = [_there(glance), _today(glance.figures), *_stuck(glance)]
    if not glance.own and not glance.waiting:
        blocks.append(row(words(EMPTY)))
    if glance.own:
        blocks.append(row(words(f"Yours ({len(glance.own)})", bold=True)))
        blocks += [_own(view, glance) for view in glance.own[:MOST_OWN]]
    if glance.waiting:
        blocks.append(row(words(f"Waiting ({len(glance.waiting)})", bold=True)))
        blocks += [_waiting(view) for view in _longest_first(glance.waiting)]
    blocks += [{"type": "divider"}, actions(_links(glance))]
    return {"type": "home", "blocks": blocks}


def nobody(text: str) -> View:
    """For who is no member."""
    return {"type": "home", "blocks": [row(words(text))]}


def _there(glance: Glance) -> Block:
    """`Online · 2 open · orders, billing`, with the button for the other."""
    seat, other = glance.seat, VERBS["away" if glance.seat and glance.seat.online else "online"]
    word = (
        "You have not said whether you are there"
        if seat is None
        else "Online"
        if seat.online
        else "Away"
    )
    facts = [f"*{word}*", f"{len(glance.own)} open", escape(cut(", ".join(glance.queues), 200))]
    return _section(" · ".join(filter(None, facts)), button(other.name, other.label, DESK))


def _today(figures: Figures) -> Block:
    first = "" if figures.first_reply is None else f" · first reply {span(figures.first_reply)}"
    return row(words(f"Today: {figures.resolved} resolved{first}"))


def _stuck(glance: Glance) -> list[Block]:
    """What the agent may believe was sent."""
    if not glance.stuck:
        return []
    rows = [small(f"Not sent ({len(glance.stuck)})")]
    for message in glance.stuck[:MOST_STUCK]:
        mark = "✋ held" if message.standing is Standing.HELD else "⚠️ failed"
        text = f"{mark}: {escape(cut(' '.join(message.text.split()), 120))}"
        rows.append(_section(text, _open(glance, str(message.handoff_id))))
    return rows


def _own(view: Shown, glance: Glance) -> Block:
    return _section(_named(view), _open(glance, view.handoff.id))


def _waiting(view: Shown) -> Block:
    target = of_view(view)
    take = button("assign_me", "Assign to me", target.about, f"Assign {target.called} to me")
    return _section(_named(view), take)


def _named(view: Shown) -> str:
    """*Sam Rivera* · My parcel never arrived `#42`, and below it who waits since when."""
    handoff, talk = view.handoff, view.conversation
    title = f" · {escape(title_of(handoff, 80))}" if handoff.title else ""
    number = f" `{number_of(handoff)}`" if handoff.number else ""
    since = clock(talk.awaiting_since or handoff.opened_at)
    waits = {
        Awaiting.AGENT: f"customer waiting since {since}",
        Awaiting.CUSTOMER: f"answered {since}",
        Awaiting.NOBODY: "",
    }[talk.awaiting]
    return f"*{escape(customer_name(view.contact))}*{title}{number}\n{waits}"


def _longest_first(views: Sequence[Shown]) -> list[Shown]:
    by_wait = sorted(views, key=lambda v: v.conversation.awaiting_since or v.handoff.opened_at)
    return by_wait[:MOST_WAITING]


def _links(glance: Glance) -> list[Block]:
    live = button("live", f"Live with the bot ({glance.live})", DESK)
    rest = [button(name, VERBS[name].label, DESK) for name in ("find", "stats", "help")]
    everybody = [button("queue", f"All {len(glance.waiting)}…", DESK)]
    return [*(everybody if len(glance.waiting) > MOST_WAITING else []), live, *rest]


def _open(glance: Glance, handoff: str) -> Block | None:
    link = glance.links.get(handoff)
    if not link:
        return None
    return {**button(OPEN_LINK, "Open", handoff, "Open the thread"), "url": link}


def _section(text: str, accessory: Block | None) -> Block:
    made: Block = {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}
    return {**made, "accessory": accessory} if accessory else made
